// What pages do beyond htmx: charts from data attributes, a notice where a request failed.
"use strict";

(() => {
  const notice = document.getElementById("notice");
  const say = (text) => {
    notice.textContent = text;
    notice.hidden = text === "";
  };
  document.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.responseText.trim()));
  document.addEventListener("htmx:sendError", () => say("No answer from this address: it is tried again."));
  document.addEventListener("htmx:timeout", () => say("No answer within 10 seconds: it is tried again."));
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status < 400) say("");
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
