package telemetry

import "go.opentelemetry.io/otel/attribute"

// lookup has the labels of a lookup that went through the cache. kind is that of the resource.
type lookup struct{ layer, kind, result string }

func (k lookup) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("layer", k.layer), attribute.String("kind", k.kind), attribute.String("result", k.result),
	}
}
