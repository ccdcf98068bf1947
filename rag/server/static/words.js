// The page's own wording, in the reader's language: Chinese, else English.
const zh = {
  retrieving: "检索中…", reading: "阅读中…", queued: "排队中…",
  copy: "复制", plain: "纯文本", markdown: "Markdown", gbt7714: "GB/T 7714", copied: "已复制", notCopied: "没能复制，请手动选取",
  link: "链接", linkCopied: "链接已复制", print: "打印",
  rightly_refused: "确实没有", should_answer: "该有答案", wrongDates: "起始日期晚于截止日期，请改正。",
  accurate: "准确", inaccurate: "不准确", wrong_citation: "引用有误", verdict: "这个回答",
  comment: "说说哪里不对（可不填）", expected: "正确的答案（可不填）", sendComment: "发送", thanks: "已记下，谢谢。",
  why: "为什么没找到", how: "怎么得出的", whyExpected: "您认为答案里应有的字", whyAsk: "查看", next: "接着问",
  close: "关闭", previous: "上一条引文", following: "下一条引文", loading: "正在打开…",
  history: "历史", keep: "在这台电脑的浏览器里保留历史", clear: "清除全部历史", none: "还没有历史。", questions: "个问题", conversation: "对话",
  export: "导出这个对话：", findTalk: "在历史中查找", noTalk: "没有这样的对话。", rename: "改名", remove: "删除", tryThese: "试试：",
  theme: "切换深色与浅色", question: "问题", lost: "连不上服务，请稍后再试。", busy: "请等这个问题答完…",
  stop: "停止", stopped: "已停止。",
  since: "起", until: "止", edit: "修改后按回车再问", again: "重新提问",
  sameIndex: "这是从链接打开的回答，库与当时相同。",
  movedSame: "这是从链接打开的回答。库已更新（当时第{then}版，现在第{now}版），回答与当时一致。",
  movedOther: "这是从链接打开的回答。库已更新（当时第{then}版，现在第{now}版），回答与当时不同。",
  changed: "这是从链接打开的回答。库没有变，但程序或设置变了，回答与当时不同。",
};
const en = {
  retrieving: "Searching…", reading: "Reading…", queued: "Waiting in line…",
  copy: "Copy", plain: "Plain text", markdown: "Markdown", gbt7714: "GB/T 7714", copied: "Copied", notCopied: "Could not copy: select it by hand",
  link: "Link", linkCopied: "Link copied", print: "Print",
  rightly_refused: "Indeed not there", should_answer: "It is there", wrongDates: "The first day is after the last: please correct it.",
  accurate: "Right", inaccurate: "Wrong", wrong_citation: "Wrong citation", verdict: "This answer is",
  comment: "What is wrong? (optional)", expected: "The right answer (optional)", sendComment: "Send", thanks: "Noted, thank you.",
  why: "Why was it not found?", how: "How was it found?", whyExpected: "Words the answer should have", whyAsk: "Look", next: "Go on",
  close: "Close", previous: "Previous quote", following: "Next quote", loading: "Opening…",
  history: "History", keep: "Keep history in this browser", clear: "Clear all history", none: "Nothing yet.", questions: "questions", conversation: "Conversation",
  export: "Take this conversation along: ", findTalk: "Search the history", noTalk: "No such conversation.", rename: "Rename", remove: "Delete", tryThese: "Try: ",
  theme: "Dark or light", question: "Question", lost: "The server cannot be reached; try again in a moment.", busy: "This question comes first…",
  stop: "Stop", stopped: "Stopped.",
  since: "from", until: "to", edit: "Change it and press Enter to ask again", again: "Ask again",
  sameIndex: "This answer was opened from a link; the articles are the same as then.",
  movedSame: "This answer was opened from a link. The articles were updated (version {then} then, {now} now); the answer is the same.",
  movedOther: "This answer was opened from a link. The articles were updated (version {then} then, {now} now); the answer differs.",
  changed: "This answer was opened from a link. The articles are the same, but the program or its settings changed; the answer differs.",
};

export const lang = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
export const say = lang === "zh" ? zh : en;
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
