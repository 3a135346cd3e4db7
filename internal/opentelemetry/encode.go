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
	spanTraceState protowire.Number = 3
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

// appendSpan appends a span that ended, as one of the spans in a message ScopeSpans.
func appendSpan(b []byte, s *span, end time.Time) []byte {
	return appendMessage(b, scopeSpans, func(b []byte) []byte {
		traceID, id, parent := s.context.TraceID(), s.context.SpanID(), s.parent.SpanID()
		b = appendBytes(b, spanTraceID, traceID[:])
		b = appendBytes(b, spanID, id[:])
		if state := s.context.TraceState(); state.Len() > 0 {
			b = appendString(b, spanTraceState, state.String())
		}
		if parent.IsValid() {
			b = appendBytes(b, spanParent, parent[:])
		}
		b = appendString(b, spanName, s.name)
		b = appendVarint(b, spanKind, uint64(s.kind)) //nolint:gosec // one of a few, which OTLP numbers alike
		b = appendTime(b, spanStart, s.start)
		b = appendTime(b, spanEnd, end)
		b = append(b, s.attributes...)
		if s.failed {
			b = appendMessage(b, spanStatus, func(b []byte) []byte {
				return appendVarint(b, statusCode, uint64(tracepb.Status_STATUS_CODE_ERROR))
			})
		}
		b = protowire.AppendTag(b, spanFlags, protowire.Fixed32Type)
		return protowire.AppendFixed32(b, flagsOf(s.context.TraceFlags(), s.parent))
	})
}

// flagsOf returns the flags of a span: those of its trace, and whether its parent is another process's.
func flagsOf(own trace.TraceFlags, parent trace.SpanContext) uint32 {
	flags := uint32(own) | uint32(tracepb.SpanFlags_SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK)
	if parent.IsRemote() {
		flags |= uint32(tracepb.SpanFlags_SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK)
	}
	return flags
}

// appendAttribute appends an attribute as a field of the message around it.
func appendAttribute(b []byte, field protowire.Number, one attribute.KeyValue) []byte {
	return appendMessage(b, field, func(b []byte) []byte {
		b = appendString(b, attributeKey, string(one.Key))
		return appendMessage(b, attributeValue, func(b []byte) []byte {
			switch one.Value.Type() {
			case attribute.INT64:
				return appendVarint(b, valueInt, uint64(one.Value.AsInt64())) //nolint:gosec // as protobuf has it
			case attribute.BOOL:
				return appendVarint(b, valueBool, protowire.EncodeBool(one.Value.AsBool()))
			case attribute.STRING:
				return appendString(b, valueString, one.Value.AsString())
			}
			return appendString(b, valueString, one.Value.String())
		})
	})
}

// appendMessage appends a message as a field of the message around it. Its length, which stands in front, is known
// afterwards.
func appendMessage(b []byte, field protowire.Number, content func([]byte) []byte) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	start := len(b)
	b = content(b)
	length := len(b) - start
	var room [5]byte
	prefix := protowire.AppendVarint(room[:0], uint64(length))
	b = append(b, prefix...)
	copy(b[start+len(prefix):], b[start:start+length])
	copy(b[start:], prefix)
	return b
}

func appendBytes(b []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), value)
}

func appendString(b []byte, field protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), value)
}

func appendVarint(b []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), value)
}

func appendTime(b []byte, field protowire.Number, at time.Time) []byte {
	b = protowire.AppendTag(b, field, protowire.Fixed64Type)
	return protowire.AppendFixed64(b, uint64(max(0, at.UnixNano()))) //nolint:gosec // not negative
}

// request returns what carries encoded spans. They are fields that the messages of the library do not know yet, which
// protobuf writes as they are.
func request(about *resource.Resource, scope string, spans []byte) []*tracepb.ResourceSpans {
	var attributes []byte
	for _, one := range about.Attributes() {
		attributes = appendAttribute(attributes, resourceAttributes, one)
	}
	from := &resourcepb.Resource{}
	from.ProtoReflect().SetUnknown(attributes)
	list := &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: scope}}
	list.ProtoReflect().SetUnknown(spans)
	return []*tracepb.ResourceSpans{{
		Resource: from, ScopeSpans: []*tracepb.ScopeSpans{list}, SchemaUrl: about.SchemaURL(),
	}}
}
