package emulator

import (
	"net/http"
	"strconv"

	"portico/emulator/odata"
)

// render appends the response for one entity: with its context, or in the form of its documentation page.
func (e *Emulator) render(dst []byte, s *odata.Set, en *odata.Entity, q *odata.Query, c *call) []byte {
	example := en.AsPublished && !e.settings.strict
	documented := example || e.settings.documented
	wrapped := example || e.settings.documented && s.Wrapped
	if wrapped {
		dst = append(dst, `{"value":`...)
	}
	dst = append(dst, '{')
	if !documented {
		dst = appendContext(dst, q, c)
	}
	dst = q.Append(dst, s, en, e.Find)
	dst = append(dst, '}')
	if wrapped {
		dst = append(dst, '}')
	}
	return dst
}

// appendContext appends the first annotation of a response, and a comma.
func appendContext(dst []byte, q *odata.Query, c *call) []byte {
	dst = appendMetadataURL(dst, c)
	dst = append(dst, '#')
	dst = append(dst, q.Context...)
	return append(dst, ',')
}

// appendMetadataURL appends @odata.context up to the fragment of its URL.
func appendMetadataURL(dst []byte, c *call) []byte {
	dst = append(dst, `"@odata.context":"`...)
	dst = append(dst, c.at.Scheme...)
	dst = append(dst, "://"...)
	dst = append(dst, c.at.Host...)
	return append(dst, `/v1.0/$metadata`...)
}

// describe answers a GET of a path above the sets.
func describe(doc odata.Document, c *call, buf *buffer) answer {
	mark := len(buf.bytes)
	buf.bytes = appendMetadataURL(append(buf.bytes, '{'), c)
	buf.bytes = append(buf.bytes, doc.Context+`"`...)
	if doc.Members != "" {
		buf.bytes = append(buf.bytes, ","+doc.Members...)
	}
	buf.bytes = append(buf.bytes, '}')
	return answer{status: http.StatusOK, body: buf.bytes[mark:]}
}

// appendHead opens a list with its annotations. The documented form has none.
func (e *Emulator) appendHead(dst []byte, q *odata.Query, c *call, total int) []byte {
	dst = append(dst, '{')
	if e.settings.documented {
		return dst
	}
	dst = appendContext(dst, q, c)
	if q.Count {
		dst = append(dst, `"@odata.count":`...)
		dst = strconv.AppendInt(dst, int64(total), 10)
		dst = append(dst, ',')
	}
	return dst
}

// renderPage appends the items of a page.
func (e *Emulator) renderPage(dst []byte, at *odata.Endpoint, page []*odata.Entity, q *odata.Query) []byte {
	dst = append(dst, `"value":[`...)
	for i, en := range page {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = q.AppendItem(dst, at, en, e.Find)
	}
	return append(dst, ']')
}
