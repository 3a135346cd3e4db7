package emulator

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode"

	"portico/emulator/odata"
)

// A place is one entry in the response to a batch.
type place struct {
	id   string
	body []byte // nil: that of the item
}

// places returns the entries of an item in the response to its batch: one, unless a fault changes that.
func (f *Fault) places(id string) []place {
	if f == nil {
		return []place{{id: id}}
	}
	switch f.Effect {
	case EffectMissingItem:
		return nil
	case EffectDuplicateItem:
		return []place{{id: id}, {id: id, body: []byte(`{"id":"a second answer to the same request"}`)}}
	case EffectUnaskedItem:
		return []place{{id: id}, {id: "unasked-" + id}}
	case EffectItemIDCase:
		return []place{{id: swapCase(id)}}
	default:
		return []place{{id: id}}
	}
}

func swapCase(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}

func (f *Fault) appendStatus(dst []byte, status int) []byte {
	if f != nil && f.Effect == EffectStatusAsString {
		return append(strconv.AppendInt(append(dst, '"'), int64(status), 10), '"')
	}
	return strconv.AppendInt(dst, int64(status), 10)
}

// appendBody appends the body of an item, as the fault changes it.
func (f *Fault) appendBody(dst []byte, contentType string, body []byte) []byte {
	switch {
	case f != nil && f.Effect == EffectMissingBody, len(body) == 0:
		return dst
	case f != nil && f.Effect == EffectBase64Body:
		return odata.AppendString(append(dst, `,"body":`...), base64.StdEncoding.EncodeToString(body))
	case contentType != "" && contentType != bareType, f != nil && f.Effect == EffectTorn:
		return odata.AppendString(append(dst, `,"body":`...), string(body))
	default:
		return append(append(dst, `,"body":`...), body...)
	}
}
