// What the page scripts put on `window`.
interface Window {
  Frontdesk?: {
    /** Calls made before the widget was there; the loader keeps them. */
    calls?: Array<[name: string, values: unknown[]]>;
    open(draft?: string): void;
    close(): void;
    setIdentity(jwt?: string | null): void;
    on(name: 'message' | 'open' | 'close', listener: Function): unknown;
  };
  /** Where the sandbox's stack answers. */
  FRONTDESK_STACK?: { api_url: string; sandbox_url: string; chat_url: string; channels: string[]; mailboxes: string[] };
}
