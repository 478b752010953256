// What survives a reload: the address of each upload, what was typed about it, and where the browser can, the file itself.

import type { Parts } from './direct';

export interface Kept {
  key: string;
  name: string;
  size: number;
  location: string | null;
  /** Of an upload that goes straight to the bucket. */
  parts?: Parts | null;
  /** The bucket could not be reached from here. */
  detour?: boolean;
  details: Record<string, string>;
  publish: boolean;
  video: string | null;
}

const place = 'vidicon-uploads';

export function fileKey(file: File): string {
  return `${file.name}|${file.size}|${file.lastModified}`;
}

export function keptUploads(): Kept[] {
  try {
    return JSON.parse(localStorage.getItem(place) ?? '[]') as Kept[];
  } catch {
    return [];
  }
}

export function keep(upload: Kept): void {
  write([...keptUploads().filter((kept) => kept.key !== upload.key), upload]);
}

export function forget(key: string): void {
  write(keptUploads().filter((kept) => kept.key !== key));
  void handles('readwrite', (store) => store.delete(key)).catch(() => undefined);
}

function write(list: Kept[]): void {
  try {
    localStorage.setItem(place, JSON.stringify(list.slice(-50)));
  } catch {
    /* Without storage the upload still runs; it only does not survive a reload. */
  }
}

function handles<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open('vidicon', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('files');
    open.onerror = () => reject(open.error ?? new Error('no store'));
    open.onsuccess = () => {
      const request = act(open.result.transaction('files', mode).objectStore('files'));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no entry'));
    };
  });
}

type Handle = FileSystemFileHandle & {
  queryPermission?(options: { mode: 'read' }): Promise<PermissionState>;
  requestPermission?(options: { mode: 'read' }): Promise<PermissionState>;
};

/** Chromium can remember which file it was; others are asked to choose it again. */
export async function keepHandle(key: string, handle: FileSystemHandle | null): Promise<void> {
  if (handle?.kind === 'file') await handles('readwrite', (store) => store.put(handle, key)).catch(() => undefined);
}

export async function keptFile(key: string, ask: boolean): Promise<File | null> {
  const handle = (await handles('readonly', (store) => store.get(key)).catch(() => null)) as Handle | null | undefined;
  if (!handle) return null;
  const allowed = ask ? await handle.requestPermission?.({ mode: 'read' }) : await handle.queryPermission?.({ mode: 'read' });
  if (allowed !== 'granted') return null;
  const file = await handle.getFile().catch(() => null);
  return file && fileKey(file) === key ? file : null;
}
