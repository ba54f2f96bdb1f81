import { get, post } from "/shared/api.js";
import { runProgram } from "/shared/program.js";
import { block, element, hook, isBlocked, part, show } from "/shared/view.js";
import { TEXTS } from "./texts.js";

const MOST_CUPS = 9;

let texts;
let isSignedIn = false;
let menu = [];
let cups = 1;

const chosen = () => menu.find(({ id }) => id === new FormData(part("order-form")).get("tea"));

function showMenu() {
  const before = chosen()?.id;
  const cards = menu.map(({ id, price }, index) => {
    const input = element("input", { type: "radio", name: "tea", value: id });
    input.checked = before === undefined ? index === 0 : id === before;
    return element(
      "label",
      { className: `tea tea-${id}` },
      input,
      element("span", { className: "swatch", "aria-hidden": "true" }),
      element(
        "span",
        { className: "tea-text" },
        element("span", { className: "tea-name", text: texts.say(id) }),
        element("span", { className: "small muted", text: texts.say(`${id}.note`) }),
      ),
      element("span", { className: "price", text: texts.money(price) }),
    );
  });
  part("teas").replaceChildren(...cards);
  showPrice();
}

function showPrice() {
  const price = texts.money((chosen()?.price ?? 0) * cups);
  hook("order-tea").textContent = texts.say("order", { price });
  part("cups").textContent = String(cups);
  block(part("fewer"), cups === 1);
  block(part("more"), cups === MOST_CUPS);
  block(hook("order-tea"), !isSignedIn || menu.length === 0);
  if (!isSignedIn) part("order-note").textContent = texts.say("orderFirst");
}

function lineOf({ tea, cups: count }) {
  return texts.say("orderLine", { tea: texts.say(tea), cups: count });
}

async function showOrders() {
  const { orders } = await get("/api/orders");
  const lines = orders.map((order) =>
    element(
      "li",
      {},
      element("span", { className: "number", text: `#${order.number}` }),
      element("span", { className: "grow", text: lineOf(order) }),
      element("time", {
        className: "small muted",
        datetime: order.orderedAt,
        text: texts.time(new Date(order.orderedAt)),
      }),
      element("span", { className: "price", text: texts.money(order.price) }),
    ),
  );
  hook("orders").replaceChildren(...lines);
  show(part("orders"), lines.length > 0);
}

async function order(event) {
  event.preventDefault();
  if (isBlocked(hook("order-tea"))) return;
  block(hook("order-tea"), true);
  try {
    const placed = await post("/api/orders", { tea: chosen().id, cups });
    const { number } = placed.order;
    part("order-note").textContent = texts.say("ordered", { number, tea: lineOf(placed.order) });
    cups = 1;
    await showOrders();
  } catch (error) {
    failed(error);
  } finally {
    showPrice();
  }
}

function failed(error) {
  if (error.reason === "login_required") account.sessionEnded(error);
  else account.fail(error);
}

function changeCups(event, change) {
  if (isBlocked(event.currentTarget)) return;
  cups += change;
  showPrice();
}

const trade = {
  memberPage: "/orders",
  translate(now) {
    texts = now;
    showMenu();
  },
  signedIn() {
    isSignedIn = true;
    part("order-note").textContent = "";
    showPrice();
    showOrders().catch(failed);
  },
  signedOut() {
    isSignedIn = false;
    hook("orders").replaceChildren();
    show(part("orders"), false);
    showPrice();
  },
};

const account = runProgram({ texts: TEXTS, trade });
part("order-form").addEventListener("submit", order);
part("order-form").addEventListener("change", showPrice);
part("fewer").addEventListener("click", (event) => changeCups(event, -1));
part("more").addEventListener("click", (event) => changeCups(event, +1));
get("/api/menu").then(({ teas }) => {
  menu = teas;
  showMenu();
}, failed);
