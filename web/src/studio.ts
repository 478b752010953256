// The edit page: rows that can be added and removed, a frame of the video as its picture, and a captions editor.
import { bytes, clock, find, h, icon, seconds } from './dom';
import { loadTexts, t } from './texts';
import { Transfer } from './upload/transfer';
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

/** Steps through the video; a frame that is taken becomes the picture file of the form. */
function framePicker(box: HTMLElement): void {
  const video = find<HTMLVideoElement>('video', box);
  const seek = find<HTMLInputElement>('[data-seek]', box);
  const now = find<HTMLElement>('[data-now]', box);
  const said = find<HTMLElement>('[data-taken]', box);
  if (!video || !seek) return;
  const load = (): void => {
    if (video.preload === 'none') video.preload = 'auto';
  };
  const go = (to: number): void => {
    load();
    video.currentTime = Math.max(0, Math.min(to, video.duration || to));
  };
  new IntersectionObserver((entries, watcher) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    load();
    watcher.disconnect();
  }).observe(video);
  video.addEventListener('loadedmetadata', () => (seek.max = String(video.duration)));
  video.addEventListener('seeked', () => {
    seek.value = String(video.currentTime);
    if (now) now.textContent = stamp(video.currentTime);
  });
  seek.addEventListener('input', () => go(Number(seek.value)));
  for (const button of box.querySelectorAll<HTMLButtonElement>('[data-step]')) {
    button.addEventListener('click', () => go(video.currentTime + Number(button.dataset['step'])));
  }
  find('[data-take]', box)?.addEventListener('click', () => {
    void takeFrame(video).then((taken) => {
      if (said) said.textContent = taken ? t('frame-taken') : t('frame-failed');
    });
  });
}

async function takeFrame(video: HTMLVideoElement): Promise<boolean> {
  const field = find<HTMLInputElement>('input[type=file][name=thumbnail]', video.closest('form') ?? document);
  if (!field || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return false;
  const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92)).catch(() => null);
  if (!blob) return false;
  const files = new DataTransfer();
  files.items.add(new File([blob], `${clock(video.currentTime).replaceAll(':', '-')}.jpg`, { type: 'image/jpeg' }));
  field.files = files.files;
  const still = find<HTMLImageElement>('.still-now img', video.closest('form') ?? document);
  if (still) still.src = URL.createObjectURL(blob);
  return true;
}

/** `1:02.4`: to the tenth, since words begin between seconds. */
function stamp(time: number): string {
  const tenths = Math.floor((time % 1) * 10);
  return tenths > 0 ? `${clock(time)}.${tenths}` : clock(time);
}

class CaptionEditor {
  private cues: Cue[] = [];
  private readonly list = h('ol', { class: 'lines' });
  private readonly video: HTMLVideoElement | null;

  constructor(
    box: HTMLElement,
    field: HTMLTextAreaElement,
  ) {
    this.cues = readCues(field.value);
    field.hidden = true;
    for (const label of field.labels ?? []) label.hidden = true;
    this.video = find<HTMLVideoElement>('video[data-frame]', field.form ?? document);
    this.draw();
    box.append(this.list, h('button', { class: 'btn', type: 'button', onclick: () => this.add() }, icon('plus'), t('add-line')));
    field.form?.addEventListener('submit', () => (field.value = writeCues(this.cues)));
  }

  private add(): void {
    const last = this.cues.at(-1);
    const at = this.video?.currentTime ?? 0;
    const start = at > 0 ? at : (last?.end ?? 0);
    this.cues.push({ start, end: start + 3, text: '' });
    this.cues.sort((a, b) => a.start - b.start);
    this.draw();
    const index = this.cues.findIndex((cue) => cue.start === start && cue.text === '');
    find<HTMLInputElement>('input:last-of-type', this.list.children[index] ?? this.list)?.focus();
  }

  /** The video stands still where the line is, so that it can be checked. */
  private show(time: number): void {
    if (this.video && this.video.paused) this.video.currentTime = time;
  }

  private draw(): void {
    this.list.replaceChildren(...this.cues.map((cue, index) => this.row(cue, index)));
  }

  private row(cue: Cue, index: number): Node {
    const time = (name: 'start' | 'end'): Node => {
      const input = h('input', { class: 'time', value: stamp(cue[name]), 'aria-label': t(`cue-${name}`) });
      input.addEventListener('change', () => {
        cue[name] = seconds(input.value) ?? cue[name];
        input.value = stamp(cue[name]);
      });
      input.addEventListener('focus', () => this.show(cue[name]));
      return input;
    };
    const words = h('input', { value: cue.text, 'aria-label': t('cue-text'), dir: 'auto' });
    words.addEventListener('input', () => (cue.text = words.value));
    words.addEventListener('focus', () => this.show(cue.start));
    words.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.add();
    });
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

/** Another file for a video, or an archive: in pieces, so that a break costs little. */
function replacement(form: HTMLFormElement): void {
  const place = find<HTMLElement>('[data-sending]', form);
  const field = find<HTMLInputElement>('input[type=file]', form);
  const button = find<HTMLButtonElement>('button[type=submit]', form);
  form.addEventListener('submit', (event) => {
    const file = field?.files?.[0];
    if (!file || !place) return;
    event.preventDefault();
    const bar = h('progress', { max: file.size, value: 0, 'aria-label': t('uploading') });
    const words = h('span', { class: 's quiet' });
    place.replaceChildren(bar, words);
    if (button) button.disabled = true;
    const transfer = new Transfer(file, null, () => ({}), {
      location: () => undefined,
      progress: (sent) => {
        bar.value = sent;
        words.textContent = t('sent-of', { sent: bytes(sent), size: bytes(file.size) });
      },
      waiting: (time) => (words.textContent = t('no-connection', { seconds: Math.round(time) })),
      done: () => location.reload(),
      failed: (message, code) => {
        words.textContent = message || t('upload-refused', { code });
        if (button) button.disabled = false;
      },
    }, form.dataset['send'] ?? `/api/v1/videos/${form.dataset['replace']}/source/replace-resumable?uploadType=resumable`);
    void transfer.run();
  });
}

/** The server writes times in UTC; people see and type them in their own zone. */
function localTime(field: HTMLInputElement): void {
  const zone = find<HTMLInputElement>('input[name=zone]', field.form ?? document);
  if (field.value) {
    const at = new Date(`${field.value}:00Z`);
    field.value = new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
  field.form?.addEventListener('submit', () => {
    if (zone && field.value) zone.value = String(new Date(field.value).getTimezoneOffset());
  });
}

void loadTexts().then(() => {
  for (const list of document.querySelectorAll<HTMLElement>('ol.lines[id]')) lines(list);
  for (const box of document.querySelectorAll<HTMLElement>('[data-frame-picker]')) framePicker(box);
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-cues]')) {
    if (field.parentElement) new CaptionEditor(field.parentElement, field);
  }
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-bulk]')) bulk(form);
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-replace], form[data-send]')) replacement(form);
  for (const field of document.querySelectorAll<HTMLInputElement>('input[data-local]')) localTime(field);
  for (const field of document.querySelectorAll<HTMLSelectElement>('select[data-mirror]')) {
    field.addEventListener('change', () => {
      const other = document.getElementById(field.dataset['mirror'] ?? '') as HTMLInputElement | null;
      if (other) other.value = field.value;
    });
  }
});
