import { get } from "/shared/api.js";
import { runMemberPage } from "/shared/member.js";
import { element } from "/shared/view.js";
import { TEXTS } from "./texts.js";

function record({ screening: { id, startsAt, price }, seat }, texts, isLink) {
  const title = texts.say(id);
  return element(
    "li",
    { className: "record" },
    isLink
      ? element("a", { className: "name", href: `/tickets/${id}-${seat}`, text: title })
      : element("span", { className: "name", text: title }),
    element("span", { className: "name end", text: startsAt }),
    element("span", { className: "small muted", text: texts.say("seat", { seat }) }),
    element("span", { className: "small muted end", text: texts.money(price) }),
  );
}

runMemberPage({
  texts: TEXTS,
  path: "/tickets",
  async all(texts) {
    const { tickets } = await get("/api/tickets");
    return tickets.map((ticket) => record(ticket, texts, true));
  },
  async one(name, texts) {
    const { ticket } = await get(`/api/tickets/${name}`);
    return record(ticket, texts, false);
  },
});
