package msgraph

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"portico/internal/redact"
)

// Headers are the same for all requests; round trippers do not change them.
var (
	getHeader  = http.Header{"Accept": {"application/json"}, "User-Agent": {"portico"}}
	postHeader = http.Header{
		"Accept": {"application/json"}, "User-Agent": {"portico"},
		"Content-Type": {"application/json"},
	}
)

// send is the one door to the wire. The answer holds what is known of it even if there is an error, which means that it
// was not received in whole.
func (c *Client) send(ctx context.Context, about Sending, method, relative string, body []byte) (answer, error) {
	about.Path, _, _ = strings.Cut(relative, "?")
	ctx, try := startWatch(ctx, about, c.tryLimit)
	defer try.end()
	req := (&http.Request{
		Method: method, URL: c.resolve(relative), Host: c.base.Host, Header: getHeader,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if body != nil {
		req.Header = postHeader
		req.ContentLength = int64(len(body))
		// With it the transport can send again over a new connection.
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		req.Body, _ = req.GetBody()
	}
	resp, err := c.wire.RoundTrip(req)
	if err != nil {
		return unansweredBy(err), try.explain(withoutURL(err))
	}
	hide := redaction(resp.Body)
	resp.Body = try.body(resp.Body)
	defer resp.Body.Close()
	got := answer{
		request:     resp.Request,
		earlier:     earlier(resp.Request), //nolint:bodyclose // the round tripper closed them
		status:      resp.StatusCode,
		contentType: resp.Header.Get("Content-Type"),
		requestID:   requestIDOf(resp),
		date:        resp.Header.Get("Date"),
		warning:     strings.Join(resp.Header.Values("Warning"), ", "),
		redact:      hide,
	}
	if value := resp.Header.Get("Retry-After"); value != "" {
		got.retryAfter = parseRetryAfter(value, got.date, c.now())
	}
	got.body, err = c.intake.readBody(ctx, resp, c.bodyLimit)
	return got, try.explain(withoutURL(err))
}

// unansweredBy returns what is known of a request that ended with an error: the answers that the round tripper had got
// before.
func unansweredBy(err error) (got answer) {
	var after interface{ Response() *http.Response }
	if errors.As(err, &after) {
		last := after.Response()                          //nolint:bodyclose // the round tripper closed it
		got.earlier = append(earlier(last.Request), last) //nolint:bodyclose // and them
		got.requestID = requestIDOf(last)
	}
	return got
}

// earlier returns the answers that led to a request, oldest first. They are where net/http keeps them.
func earlier(req *http.Request) (list []*http.Response) {
	const most = 10
	for req != nil && req.Response != nil && len(list) < most {
		list = append(list, req.Response) //nolint:bodyclose // the round tripper closed it
		req = req.Response.Request
	}
	slices.Reverse(list)
	return list
}

// requestIDOf returns the request-id of a response, if it has the form of one.
func requestIDOf(resp *http.Response) string { return redact.RequestID(resp.Header.Get("Request-Id")) }

// redaction returns what removes from texts of an answer what nobody may see. What authorised the request knows best,
// and says so by a method of the body; without it, what has a known form is removed.
func redaction(body io.ReadCloser) func(string) string {
	if knows, ok := body.(interface{ Redact(text string) string }); ok {
		return knows.Redact
	}
	return func(text string) string { return redact.Text(text) }
}

// resolve returns the absolute form of a relative URL. It is put together from parts, so that nothing in it can lead to
// another host.
func (c *Client) resolve(relative string) *url.URL {
	u := c.base
	path, query, _ := strings.Cut(relative, "?")
	escaped := u.Path + path
	u.RawQuery = query
	u.Path = escaped
	if strings.IndexByte(escaped, '%') >= 0 {
		if plain, err := url.PathUnescape(escaped); err == nil {
			u.Path, u.RawPath = plain, escaped
		}
	}
	return &u
}

// withoutURL takes the URL off the errors of net/http, which round trippers may have got from a client of their own.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return asProxyError(err)
}

// requestID returns the request-id of an answer, or else of its error object.
func requestID(got answer, failure *Error) string {
	if got.requestID == "" && failure != nil {
		return failure.RequestID
	}
	return got.requestID
}

// record adds an exchange to the trace, after those that the round tripper did not hand on: each was a request.
func (f *fetch) record(got answer, err error, e Exchange) {
	for _, resp := range got.earlier {
		first := e
		first.Status, first.RequestID = resp.StatusCode, requestIDOf(resp)
		f.trace.add(first)
	}
	if !unsent(err) {
		f.trace.add(e)
	}
}
