/** The same from a CommonJS module. */
import bridge = require("@minihost/bridge");
import mock = require("@minihost/bridge/mock");
import shim = require("@minihost/bridge/shim");

export const open = (): Promise<bridge.Bridge> => bridge.connect({ transport: mock.mockHost() });
export const options: shim.ShimOptions = { getChallenge: async () => "challenge" };
