import { get } from "/shared/api.js";
import { runMemberPage } from "/shared/member.js";
import { element } from "/shared/view.js";
import { TEXTS } from "./texts.js";

function record({ number, tea, cups, price, orderedAt }, texts, isLink) {
  const title = texts.say("orderLine", { tea: texts.say(tea), cups });
  const at = new Date(orderedAt);
  return element(
    "li",
    { className: "record" },
    isLink
      ? element("a", { className: "name", href: `/orders/${number}`, text: title })
      : element("span", { className: "name", text: title }),
    element("span", { className: "price", text: texts.money(price) }),
    element("span", { className: "small muted", text: `#${number}` }),
    element("time", {
      className: "small muted end",
      datetime: orderedAt,
      text: `${texts.date(at)} ${texts.time(at)}`,
    }),
  );
}

runMemberPage({
  texts: TEXTS,
  path: "/orders",
  async all(texts) {
    const { orders } = await get("/api/orders");
    return orders.map((order) => record(order, texts, true));
  },
  async one(number, texts) {
    const { order } = await get(`/api/orders/${number}`);
    return record(order, texts, false);
  },
});
