// The types that the comments of the widget's parts name. It is not packed.

/** What the API gives a visitor, and what the widget notes with it. */
interface Session {
  token: string;
  visitor_id: string;
  expires_at: string;
  socket_url: string;
  locale: string;
  /** Tells signed-in customers apart. */
  who: string | null;
  /** When it was fetched. */
  renewed: number;
}

interface Content {
  type: string;
  [field: string]: any;
}

/** A message; until the API has confirmed it, `seq` is Infinity and it has a status. */
interface Entry {
  id: string;
  seq: number;
  author: string;
  content: Content;
  at: string;
  client_id?: string;
  status?: 'uploading' | 'sending' | 'sent' | 'failed';
  error?: string;
  file?: File;
  progress?: number;
  cancel?: () => void;
  view?: View;
}

type BlankEntry = Omit<Entry, 'content'>;
type NewEntry = Partial<Entry> & { content: Content };

/** What of a message on the page can change. */
interface View {
  row: HTMLElement;
  day: HTMLElement;
  who: HTMLElement;
  foot: HTMLElement;
  choices: HTMLButtonElement[];
}

interface Call {
  token?: string;
  body?: object;
  signal?: AbortSignal;
  seconds?: number;
}

/** Makes an element with attributes, listeners (function values) and children; strings become text nodes. */
type MakeElement = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props?: Record<string, unknown>,
  ...children: Array<Node | string>
) => HTMLElementTagNameMap[K];
