//go:build interop

package msgraph_test

import "testing"

const thorough = true

func TestInteropEveryServiceUnderTheAdaptiveLimit(t *testing.T) {
	TestTheAdaptiveLimitDoesAlmostAsWellAsTheBestFixedOne(t)
}

func TestInteropEveryChangeOfTheService(t *testing.T) { TestTheLimitFollowsTheService(t) }

func TestInteropEveryWrongByteOfABatchResponse(t *testing.T) { TestABatchResponseWithOneWrongByte(t) }
