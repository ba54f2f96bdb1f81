import assert from "node:assert/strict";
import { test } from "node:test";

const { offerReload } = await import("../shared/view.js");

test("another load is offered after every end but one that it would meet again", () => {
  const button = {};
  globalThis.document = { querySelector: (selector) => (selector === '[data-part="reload"]' ? button : null) };
  for (const reason of ["context_destroyed", "disabled_by_host", "timeout", "not_in_container", undefined]) {
    offerReload({ reason });
    assert.equal(button.hidden, false, reason);
  }
  for (const reason of ["untrusted_origin", "unsupported_version"]) {
    offerReload({ reason });
    assert.equal(button.hidden, true, reason);
  }
});
