package telemetry

import "go.opentelemetry.io/otel/attribute"

// lookup is what the metric says of a lookup that went by the cache: its level, the kind of the resource, the result.
type lookup struct{ layer, kind, result string }

func (k lookup) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("layer", k.layer), attribute.String("kind", k.kind), attribute.String("result", k.result),
	}
}
