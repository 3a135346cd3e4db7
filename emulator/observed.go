package emulator

// observed is behavior of Microsoft Graph that only reports from the field describe. All of it is off by default,
// because documentation pages say otherwise or nothing. Two of the switches are in [odata.Rules].
type observed struct {
	unlicensed  bool
	batchItems  bool // a batch with a token that is not valid is read, and each item refused
	splitsSlash bool // %2F separates segments
}

// WithAlwaysID puts id into every response, even if $select does not name it.
func WithAlwaysID(on bool) Option { return func(s *settings) { s.rules.AlwaysID = on } }

// WithIgnoredOptions ignores query options that are unknown, or that the page does not list, in place of refusing them.
func WithIgnoredOptions(on bool) Option { return func(s *settings) { s.rules.IgnoreOptions = on } }

// WithBatchItemRefusals responds to a batch without a valid token with 200, and with 401 or 403 to each of its items,
// in place of refusing the batch.
func WithBatchItemRefusals(on bool) Option { return func(s *settings) { s.observed.batchItems = on } }

// WithSplitSlash takes %2F in a path for a slash, so that an id that contains one cannot be requested.
func WithSplitSlash(on bool) Option { return func(s *settings) { s.observed.splitsSlash = on } }

// WithoutLicense responds to every request for threat intelligence with 500 generalException, as to a tenant without a
// license.
func WithoutLicense(on bool) Option { return func(s *settings) { s.observed.unlicensed = on } }
