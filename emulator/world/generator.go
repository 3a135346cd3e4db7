package world

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"portico/emulator/odata"
)

// A generator makes the entities of the generated world, each when it is first asked for. What it makes does not depend
// on the order: the random numbers of an entity follow from the seed of the world and the number of the entity.
type generator struct {
	numbers
	*store
	seed       uint64
	documented bool // certificates have alternateName in place of alternateNames

	articles []string // ids
	profiles []string
	flaws    []string

	mu     sync.Mutex // held by whoever makes something
	made   map[task]bool
	text   []byte // of the entity that is being made
	random *rand.Rand
}

// A task is one thing to make: what a family makes for a host, say.
type task struct {
	seed   uint64 // of the family
	number int
}

// The families of what is generated. They seed random numbers, so their order decides the values of the world.
const (
	seedHost uint64 = iota
	seedPorts
	seedWeb
	seedPairs
	seedDNS
	seedShown
	seedWhois
	seedReputation
	seedCertificate
	seedRelated
	seedIntel
	seedAll

	seedNamed      = 1 << 5
	seedResolution = 1 << 6
	seedPair       = 1 << 7
)

// epoch is the time at which the generated world begins.
var epoch = time.Date(2019, time.March, 4, 5, 6, 7, 0, time.UTC)

// once calls do for a number, unless it was called before. The generator must be locked.
func (g *generator) once(seed uint64, n int, do func(n int)) {
	if t := (task{seed, n}); !g.made[t] {
		g.made[t] = true
		g.seeded(seed, uint64(n), func() { do(n) })
	}
}

// seeded calls do with the random numbers that belong to a pair of numbers, and then returns to those before.
func (g *generator) seeded(a, b uint64, do func()) {
	before := g.random
	defer func() { g.random = before }()
	g.random = rand.New(rand.NewPCG(g.seed<<8|a, b))
	do()
}

// write starts the text of an entity.
func (g *generator) write(format string, args ...any) {
	g.text = fmt.Appendf(g.text[:0], format, args...)
}

// keep stores what was written as an entity, unless the set has one with that id, and returns the id.
func (g *generator) keep(set string) string {
	en, err := odata.NewEntity(g.model.Set(set), g.text)
	if err != nil {
		panic("world: generating " + set + ": " + err.Error()) // the text is written here
	}
	g.offer(set, en.ID, en)
	return en.ID
}

// enlist sets the ids in a list of the generated world, unless the list was set before.
func (g *generator) enlist(owner, name, key string, ids []string) {
	g.lists.offer(g.model.Endpoint(owner, name), key, itemsOf(ids))
}

// The forms of time in the published examples.
const (
	dotThree = "2006-01-02T15:04:05.000Z"
	dotTwo   = "2006-01-02T15:04:05.00Z"
	noDot    = "2006-01-02T15:04:05Z"
)

// span draws a first and a last time.
func (g *generator) span() (first, last string) {
	from := epoch.Add(time.Duration(g.random.IntN(3*365*24*3600)) * time.Second)
	to := from.Add(time.Duration(g.random.IntN(2*365*24*3600)) * time.Second)
	form := []string{dotThree, dotTwo, noDot}[g.random.IntN(3)]
	return from.Format(form), to.Format(form)
}

// guid draws a GUID.
func (g *generator) guid() string {
	text := fmt.Sprintf("%016x%016x", g.random.Uint64(), g.random.Uint64())
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// hostType returns the value of @odata.type of a host.
func (g *generator) hostType(n int) string {
	if g.isName(n) {
		return "#" + odata.FullName("hostname")
	}
	return "#" + odata.FullName("ipAddress")
}
