// The loader's few words; the chat in the frame has its own.

export interface Words {
  chat: string;
  open: string;
  close: string;
  opening: string;
  failed: string;
  again: string;
  unread: (count: number) => string;
}

const EN: Words = {
  chat: "Chat with us",
  open: "Open chat",
  close: "Close chat",
  opening: "Opening the chat…",
  failed: "The chat could not be loaded.",
  again: "Try again",
  unread: (count) => `Open chat, ${count} new ${count === 1 ? "message" : "messages"}`,
};

const ZH: Words = {
  chat: "在线客服",
  open: "打开对话",
  close: "关闭对话",
  opening: "正在打开对话…",
  failed: "无法加载对话。",
  again: "重试",
  unread: (count) => `打开对话，${count} 条新消息`,
};

export function words(lang: string): Words {
  return lang.toLowerCase().startsWith("zh") ? ZH : EN;
}
