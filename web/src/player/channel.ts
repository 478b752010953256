// The wire format of jschannel, which PeerTube's embed API speaks: JSON texts by postMessage, methods named "scope::name".

interface Message {
  id?: number;
  method?: string;
  params?: unknown;
}

export class Channel {
  private readonly methods = new Map<string, (params: unknown) => unknown>();
  private waiting: Message[] = [];

  constructor(
    private readonly other: Window,
    private readonly scope: string,
  ) {
    addEventListener('message', (event) => this.receive(event));
    this.notify('__ready', { type: 'publish-request', publish: [] });
  }

  /** Answers calls of a method; calls that came before are answered now. */
  bind(method: string, act: (params: unknown) => unknown): void {
    this.methods.set(method, act);
    const name = `${this.scope}::${method}`;
    const early = this.waiting.filter((message) => message.method === name);
    this.waiting = this.waiting.filter((message) => message.method !== name);
    for (const message of early) void this.call(act, message);
  }

  notify(method: string, params: unknown): void {
    this.send({ method: `${this.scope}::${method}`, params });
  }

  private send(message: object): void {
    // Whoever embeds us may listen; nothing that is sent here is secret.
    this.other.postMessage(JSON.stringify(message), '*');
  }

  private receive(event: MessageEvent): void {
    if (event.source !== this.other || typeof event.data !== 'string') return;
    let message: Message;
    try {
      message = JSON.parse(event.data) as Message;
    } catch {
      return;
    }
    const [scope, method] = String(message.method ?? '').split('::');
    if (scope !== this.scope || !method) return;
    if (method === '__ready') this.greet(message.params);
    else if (this.methods.has(method)) void this.call(this.methods.get(method) as (params: unknown) => unknown, message);
    else if (message.id !== undefined) this.waiting.push(message);
  }

  private greet(params: unknown): void {
    const { type } = (params ?? {}) as { type?: string };
    if (type === 'publish-request') this.notify('__ready', { type: 'publish-reply', publish: [] });
    else if (params === 'ping') this.notify('__ready', 'pong');
  }

  private async call(act: (params: unknown) => unknown, message: Message): Promise<void> {
    try {
      const result = await act(message.params);
      if (message.id !== undefined) this.send({ id: message.id, result: result ?? null });
    } catch (cause) {
      if (message.id !== undefined) this.send({ id: message.id, error: 'runtime_error', message: String(cause) });
    }
  }
}
