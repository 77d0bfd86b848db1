"use strict";
// A visitor's own job: the rule of bench/verdict (advice, places, money) for two places, with the
// sentence of bench/verdict/headline. Its state is the URL. Texts are set as text, never as markup.
(function () {
  const known = JSON.parse(document.getElementById("known").textContent);
  const at = (id) => document.getElementById(id);
  const HOUR = 3600, WEEKS_A_MONTH = 52 / 12, TENTH = 1.1;
  const NAMES = ["epoch_seconds", "epochs", "jobs_a_week", "start_seconds", "price_hour", "speedup"];
  const CHOICES = ["place", "kind", "task"];
  const SPEEDUP = "how many times as fast an epoch is, for example 4, or 3-9 where it is not known better";
  const state = {};

  // ---- numbers as Python says them: rounded half to even on the exact value ----
  function rounded(value, decimals) {
    const size = Math.abs(value);
    const exact = size < 1e21 ? BigInt(size.toFixed(100).replace(".", "")) : BigInt(size) * 10n ** 100n;
    const unit = 10n ** BigInt(100 - decimals);
    let whole = exact / unit;
    const twice = 2n * (exact % unit);
    if (twice > unit || (twice === unit && whole % 2n === 1n)) whole += 1n;
    const digits = whole.toString().padStart(Math.max(decimals, 0) + 1, "0");
    const sign = value < 0 && whole > 0n ? "-" : "";
    if (decimals <= 0) return sign + digits + (whole ? "0".repeat(-decimals) : "");
    return sign + digits.slice(0, -decimals) + "." + digits.slice(-decimals);
  }
  function commas(text) {
    const [whole, rest] = text.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return rest === undefined ? grouped : grouped + "." + rest;
  }
  // a bare 1 is singular, as in bench/evidence/words.py
  function counted(said, noun) {
    return `${said} ${noun}${said === "1" ? "" : "s"}`;
  }

  function significant(value, digits) {
    if (value === 0) return "0";
    const power = Number(value.toExponential(20).split("e")[1]);
    const near = Number(rounded(value, digits - 1 - power));
    if (Math.abs(near) >= 10 ** (digits - 1)) return commas(rounded(near, 0));
    if (Math.abs(near) >= 1e-4) return String(near);
    return near.toExponential().replace(/e-(\d)$/, "e-0$1");
  }
  function aboutSeconds(seconds) {
    for (const [limit, unit, name] of [[90, 1, "s"], [5400, 60, "min"], [172800, HOUR, "h"], [63072000, 86400, "days"]]) {
      if (seconds < limit) return significant(seconds / unit, 2) + " " + name;
    }
    return Number.isFinite(seconds) ? significant(seconds / 31536000, 2) + " years" : "never";
  }
  function money(amount) {
    const size = Math.abs(amount);
    if (!Number.isFinite(amount)) return "–";
    if (0 < size && size < 0.001) return "under 0.001 " + known.currency;
    if (amount && size < 0.1) return significant(amount, 2) + " " + known.currency;
    return commas(rounded(amount, 2)) + " " + known.currency;
  }

  // ---- what a job costs: bench/verdict/money.py ----
  function monthsBegun(weeks) { return Math.max(1, Math.ceil(weeks / WEEKS_A_MONTH - 1e-9)); }
  function jobCost(price, seconds, jobs, weeks) {
    const amount = Number(price.amount);
    if (price.kind === "hourly") {
      const unit = price.unit_seconds || 60;
      return Math.max(Math.ceil(seconds / unit) * unit, price.minimum_seconds || 0) / HOUR * amount;
    }
    if (price.kind === "units") {
      const months = monthsBegun(weeks), plan = months * Number(price.plan_amount);
      const needed = seconds / HOUR * price.units_per_hour * jobs;
      const further = Number(price.plan_amount) ? Math.max(0, needed - months * price.plan_units) : needed;
      const spans = Math.ceil(Math.max(1, weeks * 7 / price.expiry_days) - 1e-9);
      const used = Math.min(spans, Math.max(1, Math.floor(jobs)));
      const packs = further > 0 ? Math.max(used, Math.ceil(further / price.pack_units)) : 0;
      return (plan + packs * amount) / jobs;
    }
    if (price.kind === "owned") {
      const bought = price.already_owned ? 0 : (amount - Number(price.resale)) * price.share;
      const tariff = Number(price.tariff) / 1000;
      const idle = price.idle_hours_per_week * price.watts_idle * tariff;
      return (bought + weeks * idle) / jobs + seconds / HOUR * price.watts_load * tariff;
    }
    return price.kind === "monthly" ? monthsBegun(weeks) * amount / jobs : 0;
  }

  // ---- the rule: bench/verdict/decide.py and advice.py ----
  function obstacle(place, use) {
    const cap = place.price.session_hours, quota = place.price.hours_per_week;
    const hours = place.seconds / HOUR * use.jobsAWeek;
    if (cap && place.seconds > cap * HOUR) return "over the session cap (say --restarts if checkpoints carry it on)";
    if (quota && hours > quota) return "over the weekly quota";
    return hours > known.week_hours ? "more hours than a week has" : null;
  }
  function placed(place, job, use, low, middle, high) {
    const of = (times) => place.start + job.epochs * (job.epochSeconds / times);
    place.seconds = of(middle);
    place.low = of(high);
    place.high = of(low);
    place.gain = [low, middle, high];
    place.ranged = low !== high;
    place.each = jobCost(place.price, place.seconds, use.jobs, use.weeks);
    place.month = place.each * use.jobs / use.months;
    place.why = obstacle(place, use);
    return place;
  }
  function solved(job) {
    const hours = (known.here.start + job.epochs * job.epochSeconds) / HOUR;
    const jobsAWeek = job.jobsAWeek ?? Math.min(known.jobs, known.week_hours / hours * (1 - 1e-9));
    const bought = job.place.price.kind === "owned" && !job.place.price.already_owned;
    const months = bought ? job.place.price.months : known.months;
    const weeks = months * WEEKS_A_MONTH;
    const use = { jobsAWeek, months, weeks, jobs: jobsAWeek * weeks };
    const start = job.place.price.kind === "owned" ? known.here.start : job.start;
    const here = placed({ ...known.here }, job, use, 1, 1, 1);
    const there = placed({ ...job.place, start }, job, use, ...job.band);
    return { job, use, here, there, ...advised(here, there), crossing: crossing(here, there, job) };
  }
  function advised(here, there) {
    const extra = there.month - here.month;
    const told = Math.abs(extra) > known.negligible;
    const owned = there.price.kind === "owned";
    const going = owned ? (there.price.already_owned ? "stay" : "buy") : "rent";
    if (there.why && here.why) {
      return { advice: "unknown", why: `no place can do it (${here.name}: ${here.why}; ${there.name}: ${there.why})` };
    }
    if (there.why) return { advice: "stay", why: `no other place can do it (${there.name}: ${there.why})` };
    if (here.why) return { advice: going, why: here.why };
    const sooner = (a, b) => a.seconds * TENTH < b.seconds && a.high < b.low;
    const found = { extra, told, why: null };
    if (sooner(there, here)) return { advice: going, ...found };
    if (sooner(here, there)) return { advice: "stay", ...found };
    return { advice: extra < -known.negligible ? going : told ? "stay" : "either", ...found };
  }
  function crossing(here, there, job) {
    const gain = job.epochSeconds - job.epochSeconds / there.gain[1];
    const wait = there.start - here.start;
    const epochs = gain > 0 ? Math.max(wait, 0) / gain : gain === 0 && wait < 0 ? 0 : Infinity;
    return { epochs, seconds: here.start + epochs * job.epochSeconds };
  }

  // ---- the sentence: bench/verdict/headline.py ----
  function withOption(there) { return there.name === there.option ? there.name : `${there.name} (${there.option})`; }
  function sentence(found) {
    const { job, here, there, advice } = found;
    const epochs = Number(rounded(job.epochs, 0));
    const what = `${known.your_job}, ${commas(String(epochs))} epoch${epochs === 1 ? "" : "s"}`;
    if (advice === "unknown") return `UNKNOWN for ${what}: ${found.why}.`;
    const verb = {
      stay: "STAY on this machine", rent: "RENT " + withOption(there), buy: "BUY " + withOption(there),
      either: "EITHER this machine or " + withOption(there),
    }[advice];
    if (found.why) return `${verb} for ${what}: ${found.why}.`;
    return `${verb} for ${what}: ${aboutSeconds(here.seconds)} here, ${spanOf(there)} there, ${ratio(found)}${sums(found)}.`;
  }
  function spanOf(place) {
    if (!place.ranged) return aboutSeconds(place.seconds);
    const [low, high] = [aboutSeconds(place.low), aboutSeconds(place.high)];
    return `about ${aboutSeconds(place.seconds)}` + (low === high ? "" : ` (${low} to ${high})`);
  }
  function ratio({ here, there, advice }) {
    const times = here.seconds / there.seconds;
    if (1 / known.no_gain <= times && times <= known.no_gain) return "about as soon";
    if (advice === "either") return "which of them is sooner cannot be told";
    return `${times > 1 ? "there" : "here"} about ${significant(Math.max(times, 1 / times), 2)} times as soon`;
  }
  function sums({ here, there, extra, told, use }) {
    if (!told) return "; costs are about the same";
    const way = extra > 0 ? "more" : "less";
    return `; ${money(Math.abs(there.each - here.each))} ${way} a job, ${money(Math.abs(extra))} ${way} a month ` +
      `(${money(here.month)} a month here, ${money(there.month)} there, at ${counted(significant(use.jobsAWeek, 2), "job")} a week)`;
  }
  function turns({ there, crossing: found }) {
    if (there.why) return "";
    if (!Number.isFinite(found.seconds) || there.gain[1] <= known.no_gain) return `${there.name} is sooner by more than a tenth at no length.`;
    const lengths = found.epochs < 1 ? "from the first epoch on" : `when a job takes more than about ${aboutSeconds(found.seconds)} here`;
    if (there.gain[0] <= 1) return `${withOption(there)} is probably sooner ${lengths}, if its estimate holds.`;
    if (found.epochs < 1) return `${there.name} is sooner ${lengths}.`;
    return `${there.price.kind === "owned" ? "BUY" : "RENT"} ${lengths}: ${withOption(there)} is then sooner.`;
  }

  // ---- the fields and the URL ----
  function numberOf(text) { return /^\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN; }
  function checked(name, faults) {
    const text = (state[name] ?? "").trim();
    if (text === "") return null;
    const value = numberOf(text), rule = known.fields[name];
    const fits = value >= rule.least && value <= rule.most && !(rule.above && value === rule.least) && !(rule.whole && value !== Math.round(value));
    if (!fits) faults[name] = rule.text;
    return value;
  }
  function bandOf(faults) {
    const text = (state.speedup ?? "").trim();
    if (text === "") return null;
    const ends = text.split("-").map((part) => numberOf(part.trim()));
    const [low, high] = [ends[0], ends[ends.length - 1]];
    if (ends.length > 2 || !(low > 0 && low <= high && high < 1e6)) { faults.speedup = SPEEDUP; return null; }
    return [low, Math.sqrt(low * high), high];
  }
  function priceOf(faults) {
    const text = (state.price_hour ?? "").trim();
    if (text === "") return null;
    const value = numberOf(text);
    if (!(value >= 0 && value <= 1e6)) { faults.price_hour = `${known.currency} an hour, 0 or more, at most a million`; return null; }
    return value;
  }
  function bandAs(place) { return place && (Object.hasOwn(place.bands, state.kind) ? place.bands[state.kind] : place.bands.any); }
  function listed() { return known.places.find((one) => one.option === state.place); }
  function usual() { return known.places.find((one) => one.gpu === "T4" && one.price.kind === "hourly" && one.usual) ?? known.places[0]; }
  function read() {
    const faults = {};
    const job = { epochSeconds: checked("epoch_seconds", faults), epochs: checked("epochs", faults), jobsAWeek: checked("jobs_a_week", faults) };
    for (const [key, name] of [["epochSeconds", "epoch_seconds"], ["epochs", "epochs"]]) {
      if (job[key] === null) faults[name] = known.fields[name].text;
    }
    const wait = checked("start_seconds", faults), band = bandOf(faults), price = priceOf(faults);
    const place = listed(), model = place ?? usual();
    if (state.place && !place) faults.place = "no such place: choose one of the list";
    job.band = band ?? bandAs(model) ?? [1, 1, 1];
    job.place = place
      ? { ...place, name: place.owned || !place.gpu ? place.option : place.gpu }
      : { name: known.custom, option: known.custom, price: { kind: "hourly", amount: price ?? Number(model?.price.amount ?? 0) } };
    job.start = wait ?? place?.start ?? 120;
    return { job, faults };
  }
  function fromUrl() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const own = [...NAMES, ...CHOICES].some((name) => asked.has(name));
    for (const name of [...NAMES, ...CHOICES]) state[name] = asked.get(name) ?? "";
    if (!own && state.task === "") state.task = known.tasks[0]?.task ?? "";
    const task = known.tasks.find((one) => one.task === state.task);
    if (!task) state.task = "";
    if (!state.place && !state.price_hour && !state.speedup) state.place = known.places.find((one) => one.usual)?.option ?? "";
    state.epoch_seconds ||= asked.has("epoch_seconds") ? "" : String(task ? task.epoch_seconds : 12);
    state.epochs ||= asked.has("epochs") ? "" : String(task ? task.epochs : 200);
    fill();
    show();
  }
  function toUrl() {
    const kept = new URLSearchParams();
    for (const name of [...NAMES, ...CHOICES]) {
      if (state[name] && !(state.task && name !== "task")) kept.set(name, state[name]);
    }
    history.replaceState(null, "", "#" + kept.toString());
  }
  function fill() {
    for (const name of [...NAMES, ...CHOICES]) at(name).value = state[name];
    const place = listed();
    at("price_hour").disabled = Boolean(place);
    at("start_seconds").placeholder = String(place ? place.start ?? "none" : 120);
    at("jobs_a_week").placeholder = String(known.jobs);
    const band = bandAs(place ?? usual());
    at("speedup").placeholder = band ? `${significant(band[0], 2)}-${significant(band[2], 2)}` : "";
    at("price_hour").placeholder = place ? "as listed" : String(Number(usual()?.price.amount ?? 0));
  }
  function show() {
    const { job, faults } = read();
    for (const name of [...NAMES, "place"]) {
      at(name).setAttribute("aria-invalid", String(name in faults));
      at(name + "-error").textContent = faults[name] ? "Expected: " + faults[name] : "";
    }
    const bad = Object.keys(faults).length > 0;
    const found = bad ? null : solved(job);
    const task = known.tasks.find((one) => one.task === state.task);
    at("answer").textContent = bad ? "UNKNOWN: a field says something that is no number of its kind." : task ? task.sentence : sentence(found);
    at("turns").textContent = bad || task ? "" : turns(found);
    at("sums").hidden = bad || Boolean(task);
    at("drawn").toggleAttribute("hidden", bad); // an SVG element has no such property
    if (!bad) { table(found); draw(found); }
  }
  function table({ here, there }) {
    const rows = [[here, "here"], [there, "there"]];
    for (const [place, id] of rows) {
      const row = at("sums-" + id);
      row.cells[0].textContent = id === "here" ? "this machine" : there.name;
      row.cells[1].textContent = spanOf(place);
      row.cells[2].textContent = money(place.each);
      row.cells[3].textContent = money(place.month);
      row.dataset.seconds = place.seconds;
      row.dataset.job = place.each;
      row.dataset.month = place.month;
    }
  }

  // ---- the hero chart of this one job ----
  const SIZE = { left: 58, top: 10, width: 350, height: 270 };
  function put(parent, name, attributes, text) {
    const made = document.createElementNS(parent.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
  }
  function draw({ here, there, job, crossing: found }) {
    const svg = at("drawn");
    svg.replaceChildren();
    const points = [here.seconds, there.seconds, here.start || 1, there.low, there.high];
    if (found.seconds < 100 * Math.max(...points)) points.push(found.seconds);
    const low = Math.max(1e-3, Math.min(...points) / 2), high = Math.max(Math.max(...points) * 3, low * 50);
    const share = (seconds) => Math.log(Math.min(Math.max(seconds, low), high) / low) / Math.log(high / low);
    const x = (seconds) => SIZE.left + SIZE.width * share(seconds);
    const y = (seconds) => SIZE.top + SIZE.height * (1 - share(seconds));
    const [right, bottom] = [SIZE.left + SIZE.width, SIZE.top + SIZE.height];
    put(svg, "polygon", { class: "stay", points: `${SIZE.left},${bottom} ${SIZE.left},${SIZE.top} ${right},${SIZE.top}` });
    put(svg, "polygon", { class: "go", points: `${SIZE.left},${bottom} ${right},${bottom} ${right},${SIZE.top}` });
    const ticks = [1, 5, 15, 60, 300, 900, HOUR, 4 * HOUR, 86400, 7 * 86400, 30 * 86400, 365 * 86400].filter((one) => one > low && one < high);
    const every = Math.ceil(ticks.length / 5);
    for (const tick of ticks.filter((_, i) => i % every === 0)) {
      put(svg, "path", { class: "grid", d: `M${x(tick)} ${SIZE.top}V${bottom}M${SIZE.left} ${y(tick)}H${right}` });
      put(svg, "text", { x: x(tick), y: bottom + 17, "text-anchor": "middle" }, aboutSeconds(tick));
      put(svg, "text", { x: SIZE.left - 5, y: y(tick) + 4, "text-anchor": "end" }, aboutSeconds(tick));
    }
    const steps = [...Array(41).keys()].map((i) => low * (high / low) ** (i / 40));
    const line = (times) => steps.map((own) => `${x(own)},${y(there.start + Math.max(own - here.start, 0) / times)}`);
    put(svg, "polygon", { class: "band", points: [...line(there.gain[0]), ...line(there.gain[2]).reverse()].join(" ") });
    put(svg, "polyline", { class: "there", points: line(there.gain[1]).join(" ") });
    put(svg, "path", { class: "equal", d: `M${SIZE.left} ${bottom}L${right} ${SIZE.top}` });
    put(svg, "path", { class: "job", d: `M${x(here.seconds)} ${y(there.low)}V${y(there.high)}` });
    put(svg, "circle", { class: "job", cx: x(here.seconds), cy: y(there.seconds), r: 6 });
    put(svg, "text", { class: "region", x: SIZE.left + 6, y: SIZE.top + 17 }, "STAY: sooner here");
    put(svg, "text", { class: "region", x: right - 6, y: bottom - 8, "text-anchor": "end" }, "GO: sooner there");
    put(svg, "text", { x: SIZE.left + SIZE.width / 2, y: bottom + 34, "text-anchor": "middle" }, "the job here; upwards: there");
    svg.setAttribute("aria-label", `The job takes ${aboutSeconds(here.seconds)} here and ${spanOf(there)} there`);
  }

  // ---- choices and events ----
  function choose(id, pairs) {
    for (const [value, text] of pairs) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = text;
      at(id).append(option);
    }
  }
  function edited(event) {
    const name = event.target.id;
    if (!NAMES.includes(name) && !CHOICES.includes(name)) return;
    state[name] = event.target.value;
    if (name === "task") {
      const task = known.tasks.find((one) => one.task === state.task);
      if (task) [state.epoch_seconds, state.epochs] = [String(task.epoch_seconds), String(task.epochs)];
    } else {
      state.task = "";
    }
    if (name === "place" && listed()) state.price_hour = "";
    fill();
    toUrl();
    show();
  }
  choose("task", [["", "my own job"], ...known.tasks.map((one) => [one.task, one.label])]);
  choose("place", [["", "a price of my own"], ...known.places.map((one) => [one.option, one.gpu ? `${one.option} (${one.gpu})` : one.option])]);
  at("calculator").addEventListener("input", edited);
  at("calculator").addEventListener("submit", (event) => event.preventDefault());
  at("copy").addEventListener("click", async () => {
    toUrl();
    try { await navigator.clipboard.writeText(location.href); at("copied").textContent = "Copied."; }
    catch { at("copied").textContent = "Copy the address of this page: it holds the job."; }
  });
  addEventListener("hashchange", fromUrl);
  at("calculator").hidden = false;
  fromUrl();
})();
