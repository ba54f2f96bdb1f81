/** What a container runs beside `document-start.js` in an Android WebView that has no message listeners. */
import { awaitPort } from "./transports/awaited.js";

awaitPort(globalThis);
