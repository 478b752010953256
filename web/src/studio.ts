// The edit page: rows that can be added and removed, a frame of the video as its picture, and a captions editor.
import { clock, find, h, icon, seconds } from './dom';
import { loadTexts, t } from './texts';
import { readCues, writeCues, type Cue } from './vtt';

/** Lists of lines (chapters): an empty row is always there to fill. */
function lines(list: HTMLElement): void {
  const add = find<HTMLButtonElement>(`[data-add="${list.id}"]`);
  add?.addEventListener('click', () => {
    const last = list.lastElementChild;
    if (!last) return;
    const row = last.cloneNode(true) as HTMLElement;
    for (const input of row.querySelectorAll('input')) {
      input.value = '';
      input.removeAttribute('id');
    }
    const video = find<HTMLVideoElement>('video[data-frame]');
    const time = find<HTMLInputElement>('.time', row);
    if (time && video && video.currentTime > 0) time.value = clock(video.currentTime);
    list.append(row);
    find<HTMLInputElement>('input', row)?.focus();
  });
  list.addEventListener('click', (event) => {
    const button = (event.target as Element).closest('[data-remove]');
    if (!button) return;
    const row = button.closest('li');
    if (list.children.length > 1) row?.remove();
    else for (const input of row?.querySelectorAll('input') ?? []) input.value = '';
  });
}

/** Steps through the video and takes the picture that is shown as the thumbnail. */
function framePicker(box: HTMLElement): void {
  const video = find<HTMLVideoElement>('video', box);
  const out = find<HTMLInputElement>('input[name=frame]', box);
  const now = find<HTMLElement>('[data-now]', box);
  if (!video || !out) return;
  const draw = (): void => {
    out.value = String(Math.round(video.currentTime * 1000));
    if (now) now.textContent = clock(video.currentTime);
  };
  video.addEventListener('seeked', draw);
  for (const button of box.querySelectorAll<HTMLButtonElement>('[data-step]')) {
    button.addEventListener('click', () => (video.currentTime = Math.max(0, video.currentTime + Number(button.dataset['step']))));
  }
}

class CaptionEditor {
  private cues: Cue[] = [];
  private readonly list = h('ol', { class: 'lines' });

  constructor(
    private readonly box: HTMLElement,
    field: HTMLTextAreaElement,
  ) {
    this.cues = readCues(field.value);
    field.hidden = true;
    this.draw();
    box.append(this.list, h('button', { class: 'btn', type: 'button', onclick: () => this.add() }, icon('plus'), t('add-line')));
    field.form?.addEventListener('submit', () => (field.value = writeCues(this.cues)));
  }

  private add(): void {
    const last = this.cues.at(-1);
    const video = find<HTMLVideoElement>('video', this.box);
    const start = video && video.currentTime > 0 ? video.currentTime : (last?.end ?? 0);
    this.cues.push({ start, end: start + 3, text: '' });
    this.draw();
    find<HTMLInputElement>('li:last-child input:last-of-type', this.list)?.focus();
  }

  private draw(): void {
    this.list.replaceChildren(...this.cues.map((cue, index) => this.row(cue, index)));
  }

  private row(cue: Cue, index: number): Node {
    const time = (name: 'start' | 'end'): Node => {
      const input = h('input', { class: 'time', value: clock(cue[name]), 'aria-label': t(`cue-${name}`) });
      input.addEventListener('change', () => {
        cue[name] = seconds(input.value) ?? cue[name];
        input.value = clock(cue[name]);
      });
      return input;
    };
    const words = h('input', { value: cue.text, 'aria-label': t('cue-text'), dir: 'auto' });
    words.addEventListener('input', () => (cue.text = words.value));
    const remove = (): void => {
      this.cues.splice(index, 1);
      this.draw();
    };
    const button = h('button', { class: 'btn btn-bare btn-icon', type: 'button', 'aria-label': t('remove'), onclick: remove }, icon('cross'));
    return h('li', {}, time('start'), time('end'), words, button);
  }
}

/** How many of a list are chosen, for the bar above it. */
function bulk(form: HTMLFormElement): void {
  const bar = find<HTMLElement>('.bulk', form);
  const count = find<HTMLElement>('[data-count]', form);
  const all = find<HTMLInputElement>('input[data-all]', form);
  const boxes = [...form.querySelectorAll<HTMLInputElement>('input[name=id]')];
  const draw = (): void => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (bar) bar.hidden = chosen === 0;
    if (count) count.textContent = t('chosen', { count: chosen });
    if (all) all.checked = chosen === boxes.length && chosen > 0;
  };
  all?.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    draw();
  });
  form.addEventListener('change', draw);
  draw();
}

void loadTexts().then(() => {
  for (const list of document.querySelectorAll<HTMLElement>('ol.lines[id]')) lines(list);
  for (const box of document.querySelectorAll<HTMLElement>('[data-frame-picker]')) framePicker(box);
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-cues]')) {
    if (field.parentElement) new CaptionEditor(field.parentElement, field);
  }
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-bulk]')) bulk(form);
});
