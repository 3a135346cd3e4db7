package callers

// Remembered returns how many verified tokens are remembered.
func (g *Gate) Remembered() int { return g.remembered.Len() }
