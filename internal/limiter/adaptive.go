package limiter

import "time"

const (
	// firstLimit is where the limit starts.
	firstLimit = 16
	// worthwhile is which part of a step has to come back as throughput. What does not only waits upstream instead of
	// here, where nothing can overtake it.
	worthwhile = 0.4
	// stepUp and stepDown are how far a trial goes. A start is twice as fast.
	stepUp, stepDown, stepFast = 1.25, 0.75, 2
	// leastStep is which part of the requests in flight a trial has to change. With less, the limit was not what bound.
	leastStep = 1.1
	// quick is the mean latency below which it does not matter where a request waits. Such latencies say more about the
	// machine that Portico runs on than about the service: lowering the limit then costs throughput, bit by bit, and
	// every request that has to wait here costs CPU time.
	quick = 10 * time.Millisecond
	// drift is from where on a changed latency means that the service changed.
	drift = 1.3
	// sure is how many standard errors a measurement has to be off to count.
	sure = 1.5
	// longTrial is the number of measurements after which a trial ends in any case.
	longTrial = 12
	// trialPause is how long the limit rests after a trial to raise it failed; the rest doubles with each further failure.
	trialPause, longTrialPause = 5 * time.Second, time.Minute
	// ceilingPause is the same after the service throttled at a limit.
	ceilingPause, longCeilingPause = 30 * time.Second, 5 * time.Minute
)

// adaptive finds how many requests the service serves at a time without making them wait, by trial: it changes the
// limit, waits until enough requests were served under it, and keeps the change if throughput went with it. It
// compares latencies with those under the last good limit, not with the shortest ever seen, so that it does not
// mistake a slow service for a busy one.
type adaptive struct {
	limit       int
	least, most int // its bounds
	epoch       int // counts the changes of limit
	served      int // requests in this epoch
	opened      int // how much of the limit is in use: after a step up, each request that ends adds one

	window  window
	good    level // what windows are compared with
	trial   int   // the limit to go back to if the trial fails, 0 outside of a trial
	fast    int   // up to here, a trial doubles the limit
	drifts  int   // windows in a row with another latency
	ceiling ceiling

	nextUp, nextDown   time.Time
	upPause, downPause time.Duration // after such a trial, should it fail
}

// ceiling is what is remembered of the last throttling.
type ceiling struct {
	inFlight int // that were too many; 0 if never throttled
	epoch    int // in which that was learned
	pause    time.Duration
	until    time.Time // when it may be tried again
}

// safe is a limit below the ceiling.
func (c *ceiling) safe() int {
	most := c.inFlight - 1
	return max(most-max(1, most/20), 1)
}

func newAdaptive(least, most int) adaptive {
	first := min(max(firstLimit, least), most)
	return adaptive{
		limit: first, opened: first, least: least, most: most, fast: most, upPause: trialPause,
		downPause: trialPause,
	}
}

// observe learns from a request that ended.
func (a *adaptive) observe(s sample, now time.Time) {
	if s.outcome == Throttled {
		a.throttle(s, now)
		return
	}
	a.opened = min(a.opened+1, a.limit)
	if s.epoch != a.epoch { // it says nothing of this limit
		return
	}
	if a.served++; a.served <= a.limit { // the first to end are the fast ones
		return
	}
	a.window.add(s)
	if a.window.samples%a.enough() == 0 {
		a.judge(now)
	}
}

// enough is how many samples are worth a look: each request in flight has ended about once.
func (a *adaptive) enough() int { return max(a.limit, 20) }

// judge draws the conclusion of a window.
func (a *adaptive) judge(now time.Time) {
	w, here := a.window, a.window.level()
	slower, uncertain := here.slower(a.good)
	switch {
	case w.failing(10):
		a.shrink(now)
		return
	case a.trial > 0:
		a.conclude(now, w, here)
		return
	case a.good.inFlight == 0 && w.inUse(a.limit):
		a.good = here
		a.propose(now, w)
	case slower > drift*(1+sure*uncertain), w.inUse(a.limit) && slower < 1/drift/(1+sure*uncertain):
		a.follow(now, w, here, slower)
	case w.inUse(a.limit):
		a.drifts = 0
		a.good.approach(here)
		a.propose(now, w)
	}
	a.window = window{}
}

// conclude ends a trial once it is certain enough whether throughput, which is requests in flight by latency, went with
// the limit. If that stays uncertain, the limit is not raised, and lowered if that probably costs nothing.
func (a *adaptive) conclude(now time.Time, w window, here level) {
	slower, uncertain := here.slower(a.good)
	up, step := a.limit > a.trial, here.inFlight/a.good.inFlight
	gain, worth := step/slower, 1+worthwhile*(step-1)
	margin := sure * uncertain * gain
	switch {
	case !w.inUse(a.limit) && step < leastStep: // too little to do to tell
		a.set(a.trial)
		a.nextUp = now.Add(a.upPause)
	case up && w.failing(20):
		a.fail(now, here, slower)
	case up && w.quick():
		a.accept(now, w, here, up)
	case gain-margin >= worth:
		a.accept(now, w, here, up)
	case gain+margin >= worth && w.samples < longTrial*a.enough():
		// More samples will tell.
	case up:
		a.fail(now, here, slower)
	case gain >= worth:
		a.accept(now, w, here, up)
	default:
		a.set(a.trial)
		a.nextDown = now.Add(a.downPause)
		a.downPause = min(2*a.downPause, longTrialPause)
	}
}

// fail ends a trial to raise the limit.
func (a *adaptive) fail(now time.Time, here level, slower float64) {
	fits := min(max(a.trial, int(1.1*here.inFlight/slower)), a.limit)
	if fits != a.trial {
		a.good = level{} // not measured yet
	}
	a.set(fits)
	a.fast = 0
	a.nextUp, a.nextDown = now.Add(a.upPause), now // the level that it was compared with may have been too high as well
	a.upPause = min(2*a.upPause, longTrialPause)
}

func (a *adaptive) accept(now time.Time, w window, here level, up bool) {
	a.good, a.trial, a.window = here, 0, window{}
	if up {
		a.upPause, a.downPause = trialPause, trialPause
		a.nextUp = now
		a.propose(now, w)
		return
	}
	if !w.quick() {
		a.try(now, stepDown)
	}
}

// follow has a latency that changed under the same limit measured once all that began before is over, and a trial find
// out what limit suits it.
func (a *adaptive) follow(now time.Time, w window, here level, slower float64) {
	if a.drifts++; a.drifts < 2 {
		return
	}
	limit := a.limit
	if inUse := max(int(here.inFlight), firstLimit); inUse < a.limit && !w.inUse(a.limit) {
		limit = inUse // a limit that is not in use cannot be tried
	}
	a.set(limit)
	a.good = level{}
	if slower > 1 {
		a.fast, a.nextUp, a.nextDown = 0, now.Add(a.upPause), now
	} else {
		a.nextUp, a.nextDown = now, now.Add(a.downPause)
	}
}

// propose begins a trial if it is time for one. More is only tried while requests wait for it, and less only while
// responses are not quick.
func (a *adaptive) propose(now time.Time, w window) {
	up := w.isFull(a.limit) && a.limit < a.highest(now) && !now.Before(a.nextUp)
	switch {
	case a.least == a.most:
	case up && a.limit < a.fast:
		a.try(now, stepFast)
	case !now.Before(a.nextDown) && !w.quick():
		a.try(now, stepDown)
	case up:
		a.try(now, stepUp)
	}
}

// highest is how far the limit may be raised now.
func (a *adaptive) highest(now time.Time) int {
	if a.ceiling.inFlight > 0 && now.Before(a.ceiling.until) {
		return min(a.ceiling.safe(), a.most)
	}
	return a.most
}

// try begins a trial.
func (a *adaptive) try(now time.Time, step float64) {
	from := a.limit
	to := int(step * float64(from))
	if step > 1 {
		to = min(max(to, from+1), a.highest(now))
	}
	a.set(to)
	if a.limit != from {
		a.trial, a.opened = from, min(from, a.limit)
	}
}

// set changes the limit.
func (a *adaptive) set(limit int) {
	a.limit = min(max(limit, a.least), a.most)
	a.epoch++
	a.opened = a.limit
	a.window, a.served, a.trial, a.drifts = window{}, 0, 0, 0
}

// shrink gives way to a service that fails. Once it is well, the limit comes back fast.
func (a *adaptive) shrink(now time.Time) {
	a.fast = max(a.limit, a.fast)
	a.set(a.limit * 7 / 10)
	a.good, a.nextUp = level{}, now
}

// throttle obeys a 429. One that came at a limit under which others were served, or with few requests in flight, says
// nothing of a ceiling.
func (a *adaptive) throttle(s sample, now time.Time) {
	switch {
	case s.epoch == a.ceiling.epoch && a.ceiling.inFlight > 0 && s.epoch != a.epoch:
		if s.inFlight < a.ceiling.inFlight { // of the same burst
			a.ceiling.inFlight = s.inFlight
			a.set(min(a.limit, a.ceiling.safe()))
		}
	case s.epoch != a.epoch: // the limit was changed since
	case a.served >= a.limit:
		a.set(a.limit * 9 / 10)
		a.good, a.nextUp = level{}, now.Add(time.Second)
	case 4*s.inFlight <= a.limit:
		a.fast, a.good, a.nextUp = max(a.limit, a.fast), level{}, now
		a.set(a.limit / 2)
	default:
		a.meet(s, now)
	}
}

// meet remembers a ceiling. It stays for longer if it is about where the last one was.
func (a *adaptive) meet(s sample, now time.Time) {
	pause := ceilingPause
	if before := a.ceiling.inFlight; before > 0 && s.inFlight >= before*8/10 {
		pause = min(2*a.ceiling.pause, longCeilingPause)
	}
	a.ceiling = ceiling{inFlight: s.inFlight, epoch: s.epoch, pause: pause, until: now.Add(pause)}
	a.fast, a.good, a.nextDown = 0, level{}, now.Add(a.downPause)
	a.set(a.ceiling.safe())
}
