package playground

// HandlerOf is Handler over other files than the embedded ones.
var HandlerOf = handler
