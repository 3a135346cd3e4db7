package opentelemetry

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of fields in the messages of OTLP that are encoded here.
const (
	scopeSpans         protowire.Number = 2 // ScopeSpans.spans
	resourceAttributes protowire.Number = 1 // Resource.attributes

	spanTraceID    protowire.Number = 1
	spanID         protowire.Number = 2
	spanParent     protowire.Number = 4
	spanName       protowire.Number = 5
	spanKind       protowire.Number = 6
	spanStart      protowire.Number = 7
	spanEnd        protowire.Number = 8
	spanAttributes protowire.Number = 9
	spanStatus     protowire.Number = 15
	spanFlags      protowire.Number = 16

	statusCode protowire.Number = 3

	attributeKey   protowire.Number = 1
	attributeValue protowire.Number = 2

	valueString protowire.Number = 1
	valueBool   protowire.Number = 2
	valueInt    protowire.Number = 3
)

// Description is what a span says of its work, as fields of OTLP's message Span.
type Description []byte

// Describe begins a description in room that the caller has. The name may have parts.
func Describe(room []byte, kind trace.SpanKind, name ...string) Description {
	length := 0
	for _, part := range name {
		length += len(part)
	}
	b := appendLength(room[:0], spanName, length)
	for _, part := range name {
		b = append(b, part...)
	}
	return appendVarint(b, spanKind, uint64(kind)) //nolint:gosec // one of a few, which OTLP numbers alike
}

// With appends attributes. A key must not be there twice.
func (d Description) With(all ...attribute.KeyValue) Description {
	for i := range all {
		d = appendAttribute(d, spanAttributes, &all[i])
	}
	return d
}

// Text appends a string attribute.
func (d Description) Text(key attribute.Key, value string) Description {
	return appendText(d, spanAttributes, string(key), value)
}

// Int appends an integer attribute.
func (d Description) Int(key attribute.Key, value int) Description {
	return appendNumber(d, spanAttributes, string(key), valueInt, uint64(value)) //nolint:gosec // as protobuf has it
}

// Like appends what another description has.
func (d Description) Like(other Description) Description { return append(d, other...) }

// Failed says that the work failed.
func (d Description) Failed() Description {
	d = appendLength(d, spanStatus, protowire.SizeTag(statusCode)+1)
	return appendVarint(d, statusCode, uint64(tracepb.Status_STATUS_CODE_ERROR))
}

// appendIdentity appends what a span is without its description.
func appendIdentity(b []byte, s *Span, took time.Duration) []byte {
	b = appendBytes(b, spanTraceID, s.trace[:])
	b = appendBytes(b, spanID, s.id[:])
	if s.parent.IsValid() {
		b = appendBytes(b, spanParent, s.parent[:])
	}
	b = appendTime(b, spanStart, s.start)
	b = appendTime(b, spanEnd, s.start.Add(took))
	flags := uint32(s.flags) | uint32(tracepb.SpanFlags_SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK)
	if s.remote {
		flags |= uint32(tracepb.SpanFlags_SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK)
	}
	b = protowire.AppendTag(b, spanFlags, protowire.Fixed32Type)
	return protowire.AppendFixed32(b, flags)
}

// appendAttribute appends an attribute as a field of the message around it.
func appendAttribute(b []byte, field protowire.Number, one *attribute.KeyValue) []byte {
	key := string(one.Key)
	switch one.Value.Type() {
	case attribute.INT64:
		return appendNumber(b, field, key, valueInt, uint64(one.Value.AsInt64())) //nolint:gosec // as protobuf has it
	case attribute.BOOL:
		return appendNumber(b, field, key, valueBool, protowire.EncodeBool(one.Value.AsBool()))
	case attribute.STRING:
		return appendText(b, field, key, one.Value.AsString())
	}
	return appendText(b, field, key, one.Value.String())
}

func appendText(b []byte, field protowire.Number, key, text string) []byte {
	b = appendKey(b, field, key, sizeOf(valueString, len(text)))
	return append(appendLength(b, valueString, len(text)), text...)
}

func appendNumber(b []byte, field protowire.Number, key string, kind protowire.Number, value uint64) []byte {
	b = appendKey(b, field, key, 1+protowire.SizeVarint(value))
	return appendVarint(b, kind, value)
}

// appendKey appends everything of an attribute that precedes its encoded value. size is the value's, in bytes.
func appendKey(b []byte, field protowire.Number, key string, size int) []byte {
	b = appendLength(b, field, sizeOf(attributeKey, len(key))+sizeOf(attributeValue, size))
	b = append(appendLength(b, attributeKey, len(key)), key...)
	return appendLength(b, attributeValue, size)
}

// sizeOf returns the size in bytes of a field whose content has the given length.
func sizeOf(field protowire.Number, length int) int {
	return protowire.SizeTag(field) + protowire.SizeBytes(length)
}

// appendTag is protowire.AppendTag, faster for the small field numbers that most fields have: their tag is one byte.
func appendTag(b []byte, field protowire.Number, kind protowire.Type) []byte {
	const most = 15
	if field > most {
		return protowire.AppendTag(b, field, kind)
	}
	return append(b, byte(field)<<3|byte(kind)) //nolint:gosec // field is small
}

// appendLength appends the tag and the length of a field; its content comes next.
func appendLength(b []byte, field protowire.Number, length int) []byte {
	const most = 127 // what takes one byte
	if b = appendTag(b, field, protowire.BytesType); length <= most {
		return append(b, byte(length)) //nolint:gosec // length is small, and not negative
	}
	return protowire.AppendVarint(b, uint64(length)) //nolint:gosec // not negative
}

func appendBytes(b []byte, field protowire.Number, value []byte) []byte {
	return append(appendLength(b, field, len(value)), value...)
}

func appendVarint(b []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(appendTag(b, field, protowire.VarintType), value)
}

func appendTime(b []byte, field protowire.Number, at time.Time) []byte {
	b = appendTag(b, field, protowire.Fixed64Type)
	return protowire.AppendFixed64(b, uint64(max(0, at.UnixNano()))) //nolint:gosec // not negative
}

// request returns what carries encoded spans. They are fields that the messages of the library do not know yet, which
// protobuf writes as they are.
func request(about *resource.Resource, scope string, spans []byte) []*tracepb.ResourceSpans {
	var attributes []byte
	for _, one := range about.Attributes() {
		attributes = appendAttribute(attributes, resourceAttributes, &one)
	}
	from := &resourcepb.Resource{}
	from.ProtoReflect().SetUnknown(attributes)
	list := &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: scope}}
	list.ProtoReflect().SetUnknown(spans)
	return []*tracepb.ResourceSpans{{
		Resource: from, ScopeSpans: []*tracepb.ScopeSpans{list}, SchemaUrl: about.SchemaURL(),
	}}
}
