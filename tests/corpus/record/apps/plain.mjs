// Nothing to turn on: the SDK is told call by call.
export function instrument() {}
