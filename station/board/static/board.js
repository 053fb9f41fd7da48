// Sound, freshness and keys of the board; everything else is pushed by the station.
"use strict";
(() => {
  const STALE_MS = 5000;
  // Pulses of a burst, and the pause before the next one in ms (IEC 60601-1-8, tables 3 and 4).
  const BURSTS = {
    high: { pulses: [0, 0.18, 0.36, 0.7, 0.88, 1.5, 1.68, 1.86, 2.2, 2.38], pitch: 880, everyMs: 8000 },
    medium: { pulses: [0, 0.35, 0.7], pitch: 660, everyMs: 15000 },
    low: { pulses: [0, 0.4], pitch: 520, everyMs: Infinity },
  };
  let audio = null;
  let last = { kind: "none", atMs: -Infinity };
  let lowSeen = 0;
  let beat = { text: null, atMs: performance.now() };

  const wanted = () => localStorage.getItem("painwatch-sound") === "on";
  const sounding = () => wanted() && audio !== null && audio.state === "running";

  function pulse(atS, pitch) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.type = "triangle";
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0, atS);
    gain.gain.linearRampToValueAtTime(0.35, atS + 0.02);
    gain.gain.setValueAtTime(0.35, atS + 0.12);
    gain.gain.linearRampToValueAtTime(0, atS + 0.15);
    tone.connect(gain).connect(audio.destination);
    tone.start(atS);
    tone.stop(atS + 0.16);
  }

  function burst(kind) {
    last = { kind, atMs: performance.now() };
    document.body.dataset.lastBurst = kind;
    if (sounding()) BURSTS[kind].pulses.forEach((s) => pulse(audio.currentTime + s, BURSTS[kind].pitch));
  }

  function speakTheLanguage() {
    // For screen readers; NiceGUI sets one language for everybody.
    const chosen = document.getElementById("language")?.value;
    // A language that is set anew, even to the same, makes the browser style the whole page again.
    const page = document.documentElement;
    if (chosen !== undefined && page.lang !== chosen) page.lang = chosen;
  }

  function tell() {
    const button = document.getElementById("sound");
    if (button === null) return;
    const on = sounding();
    const says = on ? button.dataset.on : button.dataset.off;
    button.setAttribute("aria-pressed", String(on));
    if (button.textContent !== says) button.textContent = says;
    const hint = document.getElementById("sound-hint");
    if (hint !== null) hint.hidden = on;
  }

  // Browsers let a page sound only after somebody has pressed something on it, or came to it by a
  // press on another one; a computer that sleeps, or a telephone that rings, may end it again.
  async function wake() {
    if (!wanted() || sounding()) return;
    audio = audio ?? new AudioContext();
    await audio.resume();
    last.atMs = -Infinity;
    tell();
  }

  async function switchSound(button) {
    // What the button says, not what is: the press itself may just have begun the sound.
    const on = button.getAttribute("aria-pressed") !== "true";
    localStorage.setItem("painwatch-sound", on ? "on" : "off");
    if (on) {
      await wake();
      burst("low");
    }
    tell();
  }

  function look() {
    const mark = document.getElementById("beat");
    const nowMs = performance.now();
    if (mark === null) return;
    if (mark.dataset.beat !== beat.text) beat = { text: mark.dataset.beat, atMs: nowMs };
    const stale = nowMs - beat.atMs > STALE_MS;
    if (stale && !document.body.classList.contains("stale")) burst("low");
    document.body.classList.toggle("stale", stale);
    const kind = mark.dataset.priority;
    if (kind === "high" || kind === "medium") {
      const due = nowMs - last.atMs >= BURSTS[kind].everyMs || (kind === "high" && last.kind !== "high");
      if (due) burst(kind);
    } else if (last.kind === "high" || last.kind === "medium") {
      last = { kind: "none", atMs: -Infinity };
    }
    const low = Number(mark.dataset.low);
    if (low > lowSeen && kind === "none") burst("low");
    // What came while something greater sounded is told of afterwards.
    lowSeen = kind === "none" ? low : Math.min(low, lowSeen);
    document.body.dataset.sounding = kind;
    tell();
    speakTheLanguage();
  }

  // What is as it was stays where it is, and with it the focus.
  function renew(tile, html, first) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    [...fresh.content.children].forEach((part, place) => {
      const old = tile.children[first + place];
      if (!old.isEqualNode(part)) old.replaceWith(part);
    });
  }

  window.drawTiles = (tiles) => {
    for (const [id, upper, lower] of tiles) {
      const tile = document.getElementById(id);
      if (tile === null) continue;
      if (lower !== null) renew(tile, lower, tile.children.length - 1);
      renew(tile, upper, 0);
    }
    // Told when it is on the screen; a page that nobody sees is not painted.
    return new Promise((drawn) => {
      if (document.hidden) drawn(true);
      else requestAnimationFrame(() => setTimeout(() => drawn(true)));
    });
  };

  function keep(name, value) {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; SameSite=Strict`;
  }

  function step(tile, by) {
    const tiles = [...document.querySelectorAll(".tile")];
    const next = tiles[tiles.indexOf(tile) + by];
    next?.querySelector("h2 a")?.focus();
  }

  // Keys act on the tile that has the focus alone, so that no letter does anything by surprise.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    // Escape ends a selection or a word half typed there; what was written would be lost.
    if (event.target.closest?.("input, select, textarea")) return;
    const tile = event.target.closest?.(".tile");
    if (tile === null || tile === undefined) {
      if (event.key === "Escape") document.querySelector("a.back")?.click();
      return;
    }
    const keys = {
      ArrowRight: () => step(tile, 1),
      ArrowDown: () => step(tile, 1),
      ArrowLeft: () => step(tile, -1),
      ArrowUp: () => step(tile, -1),
      a: () => event.repeat || tile.querySelector(".acknowledge")?.click(),
    };
    const key = event.key === "A" ? "a" : event.key; // Caps Lock
    if (key in keys) {
      event.preventDefault();
      keys[key]();
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button?.id === "sound") switchSound(button);
    if (button?.id === "night") {
      keep("painwatch_night", document.body.classList.contains("body--dark") ? "off" : "on");
      location.reload();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "language") {
      keep("painwatch_language", event.target.value);
      location.reload();
    }
  });
  // A finger counts as a press when it leaves the screen. The button does it by itself.
  for (const press of ["pointerdown", "pointerup", "keydown"]) {
    document.addEventListener(press, (event) => {
      if (event.target.closest?.("#sound") === null) wake();
    });
  }
  wake();
  setInterval(look, 500);
})();
