// The upload page: a queue of files, one on its way at a time, and a form about the chosen one.
import { find } from './dom';
import { loadTexts, t } from './texts';
import { Item, type Queue } from './upload/item';
import { fileKey, keep, keepHandle, keptFile, keptUploads, type Kept } from './upload/store';

class VidiconUpload extends HTMLElement implements Queue {
  private items: Item[] = [];
  private chosen: Item | null = null;
  private list!: HTMLElement;
  private form!: HTMLFormElement;
  private field!: HTMLInputElement;
  private state!: HTMLElement;
  private first: Record<string, string> = {};

  get direct(): boolean {
    return this.hasAttribute('data-direct');
  }

  connectedCallback(): void {
    void loadTexts().then(() => this.upgrade());
  }

  private upgrade(): void {
    const list = find<HTMLElement>('.queue', this);
    const form = find<HTMLFormElement>('form', this);
    const field = find<HTMLInputElement>('input[type=file]', this);
    const state = find<HTMLElement>('[data-saved]', this);
    if (!list || !form || !field || !state) return;
    Object.assign(this, { list, form, field, state });
    this.first = this.read();
    field.multiple = true;
    field.removeAttribute('name');
    field.required = false;
    field.addEventListener('change', () => this.addFiles([...(field.files ?? [])].map((file) => ({ file, handle: null }))));
    this.listenForDrops();
    form.addEventListener('input', () => this.onTyped());
    form.addEventListener('submit', (event) => void this.onSubmit(event));
    addEventListener('beforeunload', (event) => {
      if (this.items.some((item) => item.running)) event.preventDefault();
    });
    void this.restore();
  }

  /** Uploads of an earlier visit: go on by themselves where the browser still has the file. */
  private async restore(): Promise<void> {
    for (const kept of keptUploads()) {
      const file = kept.video ? null : await keptFile(kept.key, false);
      this.add(new Item(kept, file, this));
    }
    this.next();
  }

  private listenForDrops(): void {
    const over = (on: boolean) => (event: DragEvent): void => {
      event.preventDefault();
      find('.drop', this)?.toggleAttribute('data-over', on);
    };
    document.addEventListener('dragover', over(true));
    document.addEventListener('dragleave', over(false));
    document.addEventListener('drop', (event) => {
      over(false)(event);
      void this.onDrop(event);
    });
  }

  private async onDrop(event: DragEvent): Promise<void> {
    type Dropped = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };
    const items = [...(event.dataTransfer?.items ?? [])] as Dropped[];
    const found = items.filter((item) => item.kind === 'file').map((item) => ({ file: item.getAsFile(), handle: item.getAsFileSystemHandle?.() ?? null }));
    const files = await Promise.all(found.map(async ({ file, handle }) => ({ file, handle: await handle })));
    this.addFiles(files.flatMap(({ file, handle }) => (file ? [{ file, handle }] : [])));
  }

  private addFiles(files: { file: File; handle: FileSystemHandle | null }[]): void {
    for (const { file, handle } of files) {
      const key = fileKey(file);
      const known = this.items.find((item) => item.kept.key === key);
      if (known?.phase === 'needs-file') known.give(file, handle);
      if (known) continue;
      const name = file.name.replace(/\.[^.]+$/, '').replace(/[_]+/g, ' ').trim();
      const title = name.length < 3 ? `${name} ${t('untitled')}` : name.slice(0, 120);
      const kept: Kept = { key, name: file.name, size: file.size, location: null, details: { ...this.first, name: title }, publish: false, video: null };
      keep(kept);
      void keepHandle(key, handle);
      this.add(new Item(kept, file, this));
    }
    this.field.value = '';
    this.next();
  }

  private add(item: Item): void {
    this.items.push(item);
    this.list.append(item.row);
    if (!this.chosen) this.select(item);
  }

  private next(): void {
    if (this.items.some((item) => item.running)) return;
    this.items.find((item) => item.phase === 'queued')?.start();
  }

  changed(item: Item): void {
    if (item === this.chosen) this.drawForm();
    this.next();
  }

  removed(item: Item): void {
    this.items = this.items.filter((other) => other !== item);
    if (this.chosen === item) {
      this.chosen = null;
      const other = this.items[0];
      if (other) this.select(other);
      else this.drawForm();
    }
    this.next();
  }

  findFile(item: Item): void {
    void keptFile(item.kept.key, true).then((file) => {
      if (file) item.give(file, null);
      else this.field.click();
    });
  }

  select(item: Item): void {
    if (this.chosen === item) return;
    this.chosen = item;
    for (const other of this.items) other.row.toggleAttribute('aria-current', other === item);
    for (const [name, value] of Object.entries({ ...this.first, ...item.kept.details })) this.write(name, value);
    this.drawForm();
  }

  private drawForm(): void {
    this.form.toggleAttribute('data-empty', !this.chosen);
    const main = find<HTMLButtonElement>('button[value=publish]', this.form);
    if (main && this.chosen) main.textContent = t(this.chosen.kept.video ? (this.chosen.kept.publish ? 'save' : 'publish-now') : 'publish-later');
    this.setState('');
  }

  private read(): Record<string, string> {
    const entries = [...new FormData(this.form)].filter(([name, value]) => typeof value === 'string' && name !== 'file');
    return Object.fromEntries(entries) as Record<string, string>;
  }

  private write(name: string, value: string): void {
    const field = this.form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = value;
  }

  private onTyped(): void {
    this.chosen?.edit(this.read());
    this.setState(t('draft-saved'));
  }

  private setState(text: string): void {
    this.state.textContent = text;
  }

  private async onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const item = this.chosen;
    if (!item) return;
    item.edit(this.read());
    const publish = (event.submitter as HTMLButtonElement | null)?.value === 'publish';
    const fault = publish ? await item.publish() : await item.save();
    this.drawForm();
    this.setState(fault || t(item.kept.video ? (publish ? 'published' : 'saved') : publish ? 'will-publish' : 'draft-saved'));
  }
}

customElements.define('vidicon-upload', VidiconUpload);
