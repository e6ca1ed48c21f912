// The resident's chat: the start page and the conversation.
import { one } from "./parts/dom.ts";
import { startPage } from "./parts/page.ts";
import { startFrame } from "./surfaces/chat-frame.ts";
import { ChatPage } from "./surfaces/chat-page.ts";

startPage();
startFrame();

const chat = one<HTMLElement>("[data-chat]");
if (chat) new ChatPage(chat).start();
