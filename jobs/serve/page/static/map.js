// The map: asks for its points until they are there, and draws them with Chart.js.
"use strict";

(() => {
  const canvas = document.getElementById("map");
  const words = document.getElementById("map-words");
  if (!canvas) return;
  const LIGHT = ["#2f6fb5", "#c26a12", "#2f8a5b", "#8757b8", "#a8860b", "#0f8b8d", "#c4568f", "#8a949d"];
  const DARK = ["#74aee8", "#e8a355", "#69c493", "#bb95e2", "#d8bd4a", "#5cc8cb", "#ec92bd", "#7d8891"];
  const LIGHT_STEPS = ["#174f8f", "#4f8bd0", "#a3c4e8"];
  const DARK_STEPS = ["#d3e6fb", "#74aee8", "#3f6f9f"];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const points = (rows) => rows.map(([x, y, id, title, why]) => ({ x, y, id, title, why }));

  const draw = (found) => {
    const palette = dark.matches ? DARK : LIGHT;
    const steps = dark.matches ? DARK_STEPS : LIGHT_STEPS;
    const own_colour = (group, number) => group.rest ? palette[7] : found.ordered ? steps[number] : palette[number];
    const groups = found.groups.map((group, number) => ({
      label: group.name,
      data: points(group.points),
      backgroundColor: own_colour(group, number) + (found.user ? "a8" : "d0"),
      borderWidth: 0,
      pointRadius: found.user ? 2.5 : 3,
      pointHoverRadius: 6,
      order: 2,
    }));
    const own = { borderColor: colour("--surface"), borderWidth: 1.5, pointHoverRadius: 11, order: 1 };
    if (found.user) {
      groups.push(
        { ...own, label: "recommended", data: points(found.user.list), backgroundColor: colour("--accent"), pointStyle: "circle", pointRadius: 6 },
        { ...own, label: "interests", data: points(found.user.interests), backgroundColor: colour("--bad"), pointStyle: "rectRot", pointRadius: 9, order: 0 },
      );
    }
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = colour("--soft");
    const axis = { ticks: { display: false }, grid: { color: colour("--line") }, border: { display: false } };
    Chart.getChart(canvas)?.destroy();
    new Chart(canvas, {
      type: "scatter",
      data: { datasets: groups },
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales: { x: axis, y: { ...axis } },
        plugins: {
          legend: { position: "bottom", labels: { usePointStyle: true, boxHeight: 7 } },
          tooltip: {
            callbacks: { label: ({ raw, dataset }) => [raw.title, raw.why ?? dataset.label] },
          },
        },
        onClick: (_, hit, chart) => {
          if (hit.length === 0) return;
          const { id } = chart.data.datasets[hit[0].datasetIndex].data[hit[0].index];
          location.assign(`/item?${new URLSearchParams({ id })}`);
        },
      },
    });
    const percent = (100 * found.explained).toFixed(0);
    const items = found.items.toLocaleString("en");
    words.textContent = `${items} items. The plane shows ${percent}% of what their texts differ in: similar items lie near each other, but not all that lie near each other are similar.`;
    if (found.user && found.user.interests.length === 0) words.textContent += " Nothing is known of this user’s interests.";
    canvas.dataset.drawn = "true";
  };

  const ask = async () => {
    try {
      const answer = await fetch(canvas.dataset.points);
      if (answer.status === 202) {
        const { drawing, problem } = await answer.json();
        if (drawing) setTimeout(ask, 700);
        else if (problem) throw new Error(problem);
        else words.textContent = "There are no items with vectors yet.";
        return;
      }
      if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
      const found = await answer.json();
      draw(found);
      dark.addEventListener("change", () => draw(found));
    } catch (error) {
      words.textContent = `The map is not to be had: ${error.message}.`;
    }
  };
  document.addEventListener("DOMContentLoaded", ask);
})();
