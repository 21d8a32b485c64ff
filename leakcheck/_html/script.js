"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (query, within = document) => Array.from(within.querySelectorAll(query));
  const data = JSON.parse(byId("leakcheck-data").textContent);
  const chosen = { model: -1, target: -1 };

  // Tables: a click on a head sorts, a second one turns the order around.
  const keyOf = (row, column, numeric) => {
    const cell = row.cells[column];
    const words = "sort" in cell.dataset ? cell.dataset.sort : cell.textContent.trim();
    return numeric ? parseFloat(words.replace(/,/g, "")) : words;
  };
  const compare = (a, b, numeric, sign) => {
    if (!numeric) return sign * a.localeCompare(b, undefined, { numeric: true });
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return sign * (a - b);
  };
  const sortBy = (table, head) => {
    const heads = Array.from(head.parentNode.cells);
    const column = heads.indexOf(head);
    const numeric = head.classList.contains("n");
    const first = numeric ? "descending" : "ascending";
    const second = numeric ? "ascending" : "descending";
    const order = head.getAttribute("aria-sort") === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const keyed = Array.from(body.rows, (row) => [keyOf(row, column, numeric), row]);
    keyed.sort((a, b) => compare(a[0], b[0], numeric, sign));
    body.append(...keyed.map((entry) => entry[1]));
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
  };
  all("table.sortable").forEach((table) => {
    all("thead th", table).forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sortBy(table, head));
      head.append(button);
    });
  });

  // What a row of the table of scores says of a model at a target.
  const pairs = new Map();
  all("#scores-table tbody tr").forEach((row) => pairs.set(`${row.dataset.m} ${row.dataset.t}`, row));
  const said = (model, target) => {
    const row = pairs.get(`${model} ${target}`);
    if (!row) return "";
    const words = Array.from(row.cells, (cell) => cell.textContent.trim());
    return `${words[0]}: ${data.metric} ${words[5]}; over average ${words[3]}; over nearest ${words[4]}`;
  };
  const free = (target) => {
    const row = data.models.map((_, model) => pairs.get(`${model} ${target}`)).find(Boolean);
    return row ? `average ${row.cells[6].textContent}, nearest ${row.cells[7].textContent}` : "";
  };

  // Charts: what is under the pointer.
  const tip = byId("tip");
  const showTip = (words, event) => {
    tip.textContent = words;
    tip.hidden = !words;
    if (!words) return;
    const box = tip.getBoundingClientRect();
    const x = Math.min(event.clientX + 14, window.innerWidth - box.width - 6);
    const below = event.clientY + 16 + box.height < window.innerHeight;
    tip.style.left = `${Math.max(6, x)}px`;
    tip.style.top = `${below ? event.clientY + 16 : Math.max(6, event.clientY - 12 - box.height)}px`;
  };
  const follow = (frame, tell) => {
    const plot = frame && frame.querySelector(".plot");
    if (!plot) return;
    const move = (event) => {
      const box = plot.getBoundingClientRect();
      showTip(tell((event.clientX - box.left) / box.width, event.clientY - box.top), event);
    };
    plot.addEventListener("pointermove", move);
    plot.addEventListener("pointerdown", move);
    plot.addEventListener("pointerleave", () => { tip.hidden = true; });
  };
  const scores = byId("scores-chart");
  const step = scores ? Number(scores.dataset.step) : 1;
  follow(scores, (_, y) => {
    const row = Math.floor(y / step);
    if (data.tips.length) return data.tips[row] || "";
    const target = data.rows[row];
    if (target === undefined) return "";
    const models = chosen.model >= 0 ? [chosen.model] : data.models.map((_, model) => model);
    const lines = models.map((model) => said(model, target)).filter(Boolean);
    return [`${data.targets[target]}: ${free(target)}`, ...lines].join("\n");
  });
  if (scores && data.rows.length) {
    scores.querySelector(".plot").addEventListener("click", (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      const target = data.rows[Math.floor((event.clientY - box.top) / step)];
      if (target !== undefined) choose(chosen.model, target);
    });
  }
  const strata = byId("strata-chart");
  const strataRows = all("#strata-table tbody tr");
  const strataHeads = all("#strata-table thead th").map((head) => head.textContent);
  follow(strata, (x) => {
    const row = strataRows[Math.floor(x * strataRows.length)];
    if (!row) return "";
    return Array.from(row.cells, (cell, at) => `${strataHeads[at]}: ${cell.textContent}`).join("\n");
  });

  // Strata of another target: new lines in the same axes, new numbers in the table.
  const strataPaths = (numbers) => {
    const low = Number(strata.dataset.low);
    const high = Number(strata.dataset.high);
    const height = Number(strata.dataset.height);
    let drawn = "";
    let points = "";
    let broken = true;
    numbers.forEach((value, at) => {
      if (value === null) { broken = true; return; }
      const share = Math.min(Math.max((value / data.scale - low) / (high - low), 0), 1);
      const place = `${(1000 * (at + 0.5) / numbers.length).toFixed(1)} ${(height * (1 - share)).toFixed(1)}`;
      const alone = broken && (numbers[at + 1] === null || at + 1 === numbers.length);
      drawn += (broken ? "M" : "L") + place + (alone ? "m-6 0h12" : "");
      points += `M${place}h0`;
      broken = false;
    });
    return [drawn, points];
  };
  const shown = (value) => (value === null || value === undefined ? "n/a" : (value / data.scale).toFixed(3));
  const drawStrata = (target) => {
    const one = data.strata[target];
    if (!strata || !one) return false;
    const none = one.n.map(() => null);
    const set = (query, numbers, part = 0) => {
      const path = strata.querySelector(query);
      if (path) path.setAttribute("d", strataPaths(numbers || none)[part]);
    };
    set('[data-series="o"]', one.o);
    set('[data-series="average-activity"]', one.v.average);
    set('[data-series="nearest-celltype"]', one.v.nearest);
    data.models.forEach((_, model) => {
      set(`[data-m="${model}"] .thin`, one.v[model]);
      set(`[data-m="${model}"] .dot`, one.v[model], 1);
    });
    const columns = byId("strata-table").dataset.columns.split(" ");
    strataRows.forEach((row, at) => {
      columns.forEach((key, place) => {
        const counted = key === "n" || key === "p";
        const numbers = one[key] || one.v[key] || none;
        row.cells[1 + place].textContent = counted ? numbers[at] : shown(numbers[at]);
      });
    });
    byId("strata-target").textContent = data.targets[target];
    return true;
  };

  // Ranks of another target.
  const panels = all("#ranks-chart .panel");
  const drawRanks = (target) => {
    const one = data.ranks[target];
    if (!panels.length || !one) return false;
    panels.forEach((panel) => {
      const lines = one[panel.dataset.m] || {};
      const height = panel.querySelector("svg").viewBox.baseVal.height;
      const place = (x, y) => `${(1000 * x / data.rankScale).toFixed(1)} ${(height * (1 - y / data.rankScale)).toFixed(1)}`;
      all("[data-group]", panel).forEach((path) => {
        const points = lines[path.dataset.group] || [];
        const outline = path.classList.contains("rank")
          ? points.map((p) => place(p[0], p[2]))
          : [...points.map((p) => place(p[0], p[1])), ...[...points].reverse().map((p) => place(p[0], p[3]))];
        path.setAttribute("d", points.length > 1 ? `M${outline.join("L")}` : "");
      });
    });
    byId("ranks-target").textContent = data.targets[target];
    return true;
  };
  all(".panel .plot").forEach((plot) => {
    follow(plot.parentNode, (x) => {
      const target = chosen.target >= 0 && data.ranks[chosen.target] ? chosen.target : Object.keys(data.ranks)[0];
      const lines = (data.ranks[target] || {})[plot.closest(".panel").dataset.m] || {};
      return Object.entries(lines).map(([group, points]) => {
        if (!points.length) return "";
        const near = points.reduce((a, b) => (Math.abs(b[0] - 1000 * x) < Math.abs(a[0] - 1000 * x) ? b : a));
        const [average, low, middle, high] = near.map((value) => (value / data.rankScale).toFixed(2));
        return `${group}: average's rank ${average}, score's rank ${middle} (quartiles ${low} to ${high})`;
      }).filter(Boolean).join("\n");
    });
  });

  // Families at another target.
  const compared = byId("families-chart");
  const drawFamilies = (target) => {
    const one = data.families[target];
    if (!compared) return true;
    if (!one) return false;
    const [low, high, n] = ["low", "high", "n"].map((key) => Number(compared.dataset[key]));
    all(".panel", compared).forEach((panel) => {
      const height = panel.querySelector("svg").viewBox.baseVal.height;
      const y = (value) => (height * (1 - Math.min(Math.max((value / data.scale - low) / (high - low), 0), 1))).toFixed(1);
      const x = (place) => (1000 * (place + 0.5) / n).toFixed(1);
      const points = one[panel.dataset.pair] || [];
      const set = (query, d) => panel.querySelector(query).setAttribute("d", d);
      set(".ci", points.map((p) => `M${x(p[0])} ${y(p[2])}V${y(p[3])}`).join(""));
      [".dot.s0", ".dot.s1"].forEach((query, sure) => {
        set(query, points.filter((p) => p[4] === sure).map((p) => `M${x(p[0])} ${y(p[1])}h0`).join(""));
      });
    });
    byId("families-target").textContent = data.targets[target];
    return true;
  };
  all("#families-chart .panel").forEach((panel) => {
    follow(panel.querySelector(".frame"), (x) => {
      const target = chosen.target >= 0 && data.families[chosen.target] ? chosen.target : Object.keys(data.families)[0];
      const place = Math.floor(x * Number(compared.dataset.n));
      const point = ((data.families[target] || {})[panel.dataset.pair] || []).find((p) => p[0] === place);
      if (!point) return "";
      const [difference, low, high] = point.slice(1, 4).map(shown);
      return `stratum ${data.familyStrata[place]}: difference ${difference} [${low}, ${high}]; Mann-Whitney: ${point[4] ? "" : "not "}significant`;
    });
  });

  // The choice of model and target, for all sections at once.
  const mark = () => {
    const row = data.rows.indexOf(chosen.target);
    const band = scores && scores.querySelector(".band");
    if (band) band.setAttribute("d", row < 0 ? "" : `M0 ${row * step}H1000V${(row + 1) * step}H0Z`);
  };
  const words = () => {
    if (chosen.target < 0) return chosen.model < 0 ? "" : `${data.models[chosen.model]} at all targets`;
    const models = chosen.model >= 0 ? [chosen.model] : data.models.map((_, model) => model);
    return models.map((model) => {
      const row = pairs.get(`${model} ${chosen.target}`);
      return row ? `${data.models[model]} at ${data.targets[chosen.target]}: ${row.cells[8].textContent}.` : "";
    }).filter(Boolean).join(" ");
  };
  const choose = (model, target) => {
    chosen.model = model;
    chosen.target = target;
    byId("choose-model").value = String(model);
    byId("choose-target").value = String(target);
    pairs.forEach((row) => {
      row.hidden = (model >= 0 && row.dataset.m !== String(model)) || (target >= 0 && row.dataset.t !== String(target));
    });
    all("#scores-chart [data-m], #strata-chart [data-m]").forEach((series) => {
      series.classList.toggle("dim", model >= 0 && series.dataset.m !== String(model));
    });
    panels.forEach((panel) => { panel.hidden = model >= 0 && panel.dataset.m !== String(model); });
    mark();
    const known = target < 0 || [drawStrata(target), drawRanks(target), drawFamilies(target)].every(Boolean);
    const missing = known ? "" : " Strata, ranks or families of this target are not in this file; those of another stay below.";
    byId("chosen").textContent = words() + missing;
  };
  // Paper shows the evidence that the screen folds away.
  const folded = [];
  window.addEventListener("beforeprint", () => {
    all("details.evidence:not([open])").forEach((one) => { one.open = true; folded.push(one); });
  });
  window.addEventListener("afterprint", () => {
    folded.splice(0).forEach((one) => { one.open = false; });
  });

  const controls = byId("controls");
  if (controls) {
    controls.hidden = false;
    ["choose-model", "choose-target"].forEach((id) => byId(id).addEventListener("change", () => {
      choose(Number(byId("choose-model").value), Number(byId("choose-target").value));
    }));
    byId("choose-all").addEventListener("click", () => choose(-1, -1));
  }
})();
