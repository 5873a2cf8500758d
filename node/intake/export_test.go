package intake

import "time"

// SetPieceWithin shortens the time that a client has for a piece.
func (r *Receiver) SetPieceWithin(d time.Duration) { r.pieceWithin = d }

// The parts of a request, for the fuzz targets.
var (
	DigestIn = digestIn
	KeptName = keptName
)
