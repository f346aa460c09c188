// What pages do beyond htmx: charts from data attributes, what failed and why.
"use strict";

(() => {
  // A failure is told where its answer would stand (data-shows-problems), until the next answer
  // comes there; elsewhere in the notice, until the same address answers again.
  const notice = document.getElementById("notice");
  let failed = null;
  const addressOf = (detail) => detail.pathInfo.requestPath.split("?")[0];
  const tell = (detail, text) => {
    if (detail.target?.hasAttribute("data-shows-problems")) {
      const problem = document.createElement("p");
      problem.className = "problem";
      problem.setAttribute("role", "alert");
      problem.textContent = text;
      detail.target.replaceChildren(problem);
    } else {
      failed = addressOf(detail);
      notice.textContent = text;
      notice.hidden = false;
    }
  };
  const wordsOf = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim();
  document.addEventListener("htmx:responseError", ({ detail }) =>
    tell(detail, wordsOf(detail.xhr.responseText) || `The answer was ${detail.xhr.status}.`));
  document.addEventListener("htmx:sendError", ({ detail }) => tell(detail, "No answer came from this address."));
  document.addEventListener("htmx:timeout", ({ detail }) => tell(detail, "No answer came within 10 seconds."));
  document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
    if (detail.xhr.status >= 400 || addressOf(detail) !== failed) return;
    failed = null;
    notice.hidden = true;
  });

  // A button with data-choose-item writes that item into the form of an event.
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-choose-item]");
    const field = document.getElementById("event-item");
    if (chosen && field) {
      field.value = chosen.dataset.chooseItem;
      field.focus();
    }
  });

  // A <canvas data-chart='{...}'> holds a configuration of Chart.js; colours are those of the style.
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const PARTS = ["--part-text", "--part-neighbors", "--part-popular", "--part-new", "--part-dislike", "--soft"];
  const draw = (canvas) => {
    const config = JSON.parse(canvas.dataset.chart);
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = colour("--soft");
    Chart.defaults.borderColor = colour("--line");
    config.data.datasets.forEach((each, number) => {
      const own = colour(PARTS[number % PARTS.length]);
      each.borderColor ??= own;
      each.backgroundColor ??= own;
    });
    config.options = { animation: false, maintainAspectRatio: false, ...config.options };
    Chart.getChart(canvas)?.destroy();
    new Chart(canvas, config);
  };
  const drawAll = (root) => root.querySelectorAll("canvas[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => drawAll(document));
  document.addEventListener("htmx:afterSwap", (event) => drawAll(event.detail.target));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
})();
