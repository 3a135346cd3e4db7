package plan

import (
	"encoding/json"
	"errors"
	"strconv"

	"portico/internal/coerce"
	"portico/threatintel"
)

// Input reads variables and arguments by Schema.
var Input = coerce.Reader{
	Schema:  Schema,
	Scalars: map[string]coerce.Scalar{"DateTime": readDateTime, "_Any": readAny},
}

// readDateTime reads an instant, or a date, which stays one: whether it means the start or the end of the day depends
// on where it stands.
func readDateTime(value any) (any, error) {
	if text, ok := value.(string); ok && threatintel.IsDate(text) {
		return text, nil
	}
	var at threatintel.DateTime
	if err := at.UnmarshalGQL(value); err != nil {
		return nil, err
	}
	return string(at), nil
}

// readAny refuses numbers that would lose digits, or have no value at all, where they are read as numbers.
func readAny(value any) (any, error) {
	switch value := value.(type) {
	case json.Number:
		_, notInteger := strconv.ParseInt(string(value), 10, 64)
		_, notFloat := strconv.ParseFloat(string(value), 64)
		if errors.Is(notInteger, strconv.ErrRange) || notFloat != nil {
			return nil, &threatintel.InputError{Reason: "The number does not fit into 64 bits. Send it as a string."}
		}
	case []any:
		for _, item := range value {
			if _, err := readAny(item); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for _, member := range value {
			if _, err := readAny(member); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}
