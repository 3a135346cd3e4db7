package replicas_test

import (
	"testing"

	"portico/internal/service/servicetest"
)

func TestMain(m *testing.M) { servicetest.Main(m) }
