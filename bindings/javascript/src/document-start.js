/**
 * What a native container runs in a program's page before any script of the page: the page side under the
 * name `minihostBridge`, for pages that do not serve these modules themselves.
 */
import { connect, createPkce, BridgeError } from "./index.js";

// A container that cannot tell one page load from the next may run it twice.
if (!("minihostBridge" in globalThis)) {
  Object.defineProperty(globalThis, "minihostBridge", {
    value: Object.freeze({ connect, createPkce, BridgeError }),
  });
}
