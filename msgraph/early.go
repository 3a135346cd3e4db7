package msgraph

import "context"

type earlyKey struct{}

// WithEarlyReader returns a context for Fetch under which the body of a success is given to read as soon as it is
// complete, with the URL that was requested. If read decodes the body, it reports true. That proves that the body is
// one JSON value, so the client does not validate it, and does not send the request again. If read reports false, the
// client validates the body, and sends the request again if it is torn.
//
// The function is called from any goroutine, before done, and only for plain GETs that this Fetch sends: not for items
// of a batch, which are validated together, and not for requests that another caller sends already.
func WithEarlyReader(ctx context.Context, read func(url string, body []byte) bool) context.Context {
	return context.WithValue(ctx, earlyKey{}, read)
}

// earlyReader returns what may read the body of the response to a URL; nil for nobody.
func earlyReader(ctx context.Context, url string) func(body []byte) bool {
	read, ok := ctx.Value(earlyKey{}).(func(url string, body []byte) bool)
	if !ok {
		return nil
	}
	return func(body []byte) bool { return read(url, body) }
}
