package naive

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"time"

	"portico/internal/service/servicetest"
)

// computed computes a field from the properties of the whole entity. The contents of the world have no markup but
// a heading.
func (n *naive) computed(v thing, field string) any {
	issue, expiration := servicetest.Time(n.of(v, "issueDateTime")), servicetest.Time(n.of(v, "expirationDateTime"))
	switch field {
	case "isExpired":
		if expiration.IsZero() {
			return nil
		}
		return expiration.Before(time.Now())
	case "validityDays":
		if issue.IsZero() || expiration.IsZero() {
			return nil
		}
		return math.Floor(expiration.Sub(issue).Hours() / 24)
	case "isSelfSigned":
		issuer, subject := named(n.of(v, "issuer")), named(n.of(v, "subject"))
		if issuer == "{}" || subject == "{}" {
			return nil
		}
		return issuer == subject
	}
	return plain(v.raw["content"], v.raw["format"])
}

// named returns the names of an issuer or a subject as text, without letter case.
func named(raw any) string {
	names := map[string]any{}
	entity, _ := raw.(map[string]any)
	for name, value := range entity {
		if _, isList := value.([]any); !isList && value != nil && value != "" {
			names[name] = value
		}
	}
	text, err := json.Marshal(names)
	if err != nil {
		panic(err)
	}
	return strings.ToLower(string(text))
}

var heading = regexp.MustCompile(`(?m)^#+ `)

func plain(content, format any) any {
	text, ok := content.(string)
	if kind, _ := format.(string); !ok || kind == "" {
		return nil
	}
	if heading.MatchString(text) {
		return strings.ReplaceAll(heading.ReplaceAllString(text, ""), "\r\n", "\n\n")
	}
	return text
}
