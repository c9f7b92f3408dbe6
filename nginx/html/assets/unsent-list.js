// The takes that the server does not have yet, but for the one that is on show: what each is, how
// its upload gets on, and what can be done with it.

import { pageURL } from "./api.js";
import { byID, copyOf, showText, showTitle } from "./dom.js";
import { formatDate, formatLength, formatPercent } from "./format.js";
import { Player } from "./player.js";
import { settle } from "./presses.js";
import { recordingOfTake } from "./recordings.js";
import { saveToDevice } from "./saving.js";
import { text, wordsFor } from "./text.js";
import { againWords } from "./upload-view.js";
import { isForgotten } from "./uploader.js";

export class UnsentList {
  #takes;
  #uploads;
  #onShow;
  #rows = new Map(); // by the take's id
  #players = new Map(); // the same
  #discarded = new Map(); // by the take's id: { take, sound }
  #shown = null; // the take that is on show elsewhere
  #canShow = false;

  /** @param onShow - is called with a take that shall be on show. */
  constructor(takes, uploads, onShow) {
    this.#takes = takes;
    this.#uploads = uploads;
    this.#onShow = onShow;
    byID("upload-all").onclick = () => this.#sendable().forEach((take) => uploads.add(take));
  }

  update(shown = this.#shown, canShow = this.#canShow) {
    [this.#shown, this.#canShow] = [shown, canShow];
    const unsent = this.#takes.othersThan(shown);
    const discarded = [...this.#discarded.values()].map(({ take }) => take);
    const done = this.#uploads.done.filter((take) => take !== shown);
    const rows = [...unsent, ...discarded, ...done];
    byID("unsent").hidden = rows.length === 0 && this.#takes.countElsewhere === 0;
    byID("unsent-heading").textContent = unsent.length > 0
      ? text("site.unsent", { count: unsent.length })
      : text("unsent.others");
    byID("upload-all").hidden = this.#sendable().length < 2;
    const count = this.#takes.countElsewhere;
    showText(byID("elsewhere"), count > 0 ? text("unsent.elsewhere", { count }) : null);
    this.#arrange(rows);
    for (const take of rows) this.#fill(this.#rows.get(take.id), take);
  }

  #sendable() {
    const isSendable = (take) => [undefined, "failed"].includes(this.#uploads.of(take)?.step);
    return this.#takes.othersThan(this.#shown).filter(isSendable);
  }

  /** Rows that stay are left where they are: somebody may be on one of their buttons. */
  #arrange(takes) {
    const wanted = new Set(takes.map((take) => take.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      this.#players.get(id).clear();
      this.#players.delete(id);
      row.remove();
      this.#rows.delete(id);
    }
    const list = byID("unsent-list");
    for (const [index, take] of takes.entries()) {
      const row = this.#rows.get(take.id) ?? this.#make(take);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    }
  }

  #make(take) {
    const row = copyOf("unsent-take");
    this.#rows.set(take.id, row);
    this.#players.set(take.id, new Player(row.querySelector("audio")));
    const on = (name, action) => {
      const button = row.querySelector(`.${name}`);
      button.setAttribute("aria-describedby", `topic-${take.id}`);
      button.onclick = action;
    };
    row.querySelector(".topic").id = `topic-${take.id}`;
    on("send", () => this.#uploads.add(take));
    on("hurry", () => this.#uploads.hurry(take));
    on("cancel", () => this.#uploads.cancel(take));
    on("play", () => this.#play(take));
    on("save", async () => saveToDevice(take, await this.#takes.sound(take)));
    on("show", () => this.#onShow(take));
    on("discard", () => this.#discard(row, take));
    on("undo", () => this.#restore(take));
    on("open", null);
    return row;
  }

  #fill(row, take) {
    const isDiscarded = this.#discarded.has(take.id);
    const progress = this.#uploads.of(take);
    const player = this.#players.get(take.id);
    const isIdle = !isDiscarded && [undefined, "failed"].includes(progress?.step);
    const focused = row.contains(document.activeElement) ? document.activeElement : null;
    showTitle(row.querySelector(".topic"), take, take.topic || text("site.untitled"));
    const about = [formatLength(take.durationSecs), formatDate(take.recordedAt)];
    row.querySelector(".about").textContent = about.filter(Boolean).join(" · ");
    const latest = isDiscarded ? text("state.discarded") : news(take, progress);
    showText(row.querySelector(".news"), latest);
    const canPlay = isIdle && this.#canShow;
    if (!canPlay && player.recording) player.clear(); // it would be heard in the next recording
    const visible = {
      send: isIdle, discard: isIdle, undo: isDiscarded,
      play: canPlay && !(player.recording && player.hasControls), show: canPlay,
      save: !isDiscarded && progress?.step !== "done",
      hurry: progress?.step === "waiting", open: progress?.step === "done",
      cancel: ["queued", "sending", "saving", "waiting"].includes(progress?.step),
    };
    for (const [name, isVisible] of Object.entries(visible)) {
      row.querySelector(`.${name}`).hidden = !isVisible;
    }
    if (progress?.step === "done") row.querySelector(".open").href = pageURL(progress.id);
    // The button that had the focus may be gone.
    if (focused?.hidden) row.querySelector(".buttons > :not([hidden])").focus();
  }

  async #play(take) {
    const player = this.#players.get(take.id);
    if (player.recording) return player.play();
    const sound = await this.#takes.sound(take);
    const shown = player.show(await recordingOfTake(take, sound));
    player.play();
    await shown;
    this.update();
    player.focus();
  }

  async #discard(row, take) {
    settle(byID("unsent"));
    this.#discarded.set(take.id, { take, sound: await this.#takes.sound(take) });
    await this.#takes.remove(take);
    this.#uploads.forget(take);
  }

  async #restore(take) {
    settle(byID("unsent"));
    const { sound } = this.#discarded.get(take.id);
    this.#discarded.delete(take.id);
    await this.#takes.add(take, sound);
    this.update();
  }
}

function news(take, progress) {
  switch (progress?.step) {
    case undefined: return isForgotten(take) ? text("unsent.maybeSent") : null;
    case "queued": return text("upload.queued");
    case "sending": return text("unsent.sending", { percent: formatPercent(progress.fraction) });
    case "saving": return text("upload.saving");
    case "waiting": return `${progress.error.message} ${againWords(progress)}`;
    case "failed": return wordsFor(progress.error);
    default: return text("unsent.done");
  }
}
