package scorecard

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
)

// Sample is what a card is trained on: one row per case, one column per indicator.
type Sample struct {
	Columns []string
	// X holds the rows; NaN means missing.
	X [][]float64
	// Y is 1 for a bad case and 0 for a good one.
	Y []float64
	// Weight is how much a row counts; nil means 1 each.
	Weight []float64
	// Direction says per column whether more is better (+1), worse (-1) or unknown (0); nil means all unknown. A bin's
	// bad rate never moves against a declared direction.
	Direction []int
	// Levels lists per column the words that its values count (0 for the first); nil for a column of numbers.
	Levels [][]string
	// Teacher orders the cases from best to worst by someone who knew more than the columns say (a bank's verdict), where
	// such an order exists. It is used in training only: a card never takes it as an input. nil means none.
	Teacher []float64
}

// ErrOneClass is returned when all cases are good or all are bad.
var ErrOneClass = errors.New("the target has one class only")

// check refuses a sample that no honest card can be made of.
func (s *Sample) check(minBads int) error {
	if len(s.X) == 0 || len(s.Columns) == 0 {
		return errors.New("the sample has no rows or no columns; give at least one of each")
	}
	if err := s.checkShape(); err != nil {
		return err
	}
	bads := 0
	for i, y := range s.Y {
		if y != 0 && y != 1 {
			return fmt.Errorf("row %d: the target is neither 0 (good) nor 1 (bad)", i+1)
		}
		bads += int(y)
	}
	if bads == 0 || bads == len(s.Y) {
		return fmt.Errorf("%w (%d good, %d bad): choose a column that holds both outcomes", ErrOneClass, len(s.Y)-bads, bads)
	}
	if rarer := min(bads, len(s.Y)-bads); rarer < minBads {
		return fmt.Errorf("only %d cases of the rarer outcome, at least %d are needed: an AUC from %d cases is known to ±%.2f at best", rarer, minBads, rarer, aucHalfWidth(0.8, rarer, len(s.Y)-rarer))
	}
	return s.checkValues()
}

func (s *Sample) checkShape() error {
	if len(s.Y) != len(s.X) {
		return fmt.Errorf("%d rows but %d targets", len(s.X), len(s.Y))
	}
	if s.Weight != nil && len(s.Weight) != len(s.X) {
		return fmt.Errorf("%d rows but %d weights", len(s.X), len(s.Weight))
	}
	if s.Teacher != nil && len(s.Teacher) != len(s.X) {
		return fmt.Errorf("%d rows but %d teacher's verdicts", len(s.X), len(s.Teacher))
	}
	if s.Direction != nil && len(s.Direction) != len(s.Columns) {
		return fmt.Errorf("%d columns but %d directions", len(s.Columns), len(s.Direction))
	}
	if s.Levels != nil && len(s.Levels) != len(s.Columns) {
		return fmt.Errorf("%d columns but %d lists of words", len(s.Columns), len(s.Levels))
	}
	for i, row := range s.X {
		if len(row) != len(s.Columns) {
			return fmt.Errorf("row %d has %d values for %d columns", i+1, len(row), len(s.Columns))
		}
	}
	return nil
}

func (s *Sample) checkValues() error {
	for c, name := range s.Columns {
		if levels := s.levels(c); levels != nil {
			for i := range s.X {
				if v := s.X[i][c]; !math.IsNaN(v) && (v >= float64(len(levels)) || v < 0 || v != math.Trunc(v)) {
					return fmt.Errorf("column %q, row %d: the value counts none of the column's %d words", name, i+1, len(levels))
				}
			}
		}
		for i := range s.X {
			if math.IsInf(s.X[i][c], 0) {
				return fmt.Errorf("column %q, row %d: the value is infinite; make it missing or bound it", name, i+1)
			}
		}
	}
	return nil
}

func (s *Sample) weight(i int) float64 {
	if s.Weight == nil {
		return 1
	}
	return s.Weight[i]
}

func (s *Sample) direction(c int) int {
	if s.Direction == nil {
		return 0
	}
	return s.Direction[c]
}

func (s *Sample) levels(c int) []string {
	if s.Levels == nil {
		return nil
	}
	return s.Levels[c]
}

// column copies one column out of the rows.
func (s *Sample) column(c int) []float64 {
	out := make([]float64, len(s.X))
	for i, row := range s.X {
		out[i] = row[c]
	}
	return out
}

// Rows returns the sample that holds the rows of the given indices; rows themselves are shared.
func (s *Sample) Rows(indices []int) Sample {
	out := Sample{Columns: s.Columns, Direction: s.Direction, Levels: s.Levels}
	for _, i := range indices {
		out.X = append(out.X, s.X[i])
		out.Y = append(out.Y, s.Y[i])
		if s.Weight != nil {
			out.Weight = append(out.Weight, s.Weight[i])
		}
		if s.Teacher != nil {
			out.Teacher = append(out.Teacher, s.Teacher[i])
		}
	}
	return out
}

// Fingerprint identifies the data bit for bit: the same columns, rows, targets and weights in the same order.
func (s *Sample) Fingerprint() string {
	h := sha256.New()
	for _, name := range s.Columns {
		fmt.Fprintf(h, "%q\n", name)
	}
	var buf [8]byte
	put := func(v float64) {
		bits := math.Float64bits(v)
		if math.IsNaN(v) {
			bits = math.Float64bits(math.NaN())
		}
		binary.LittleEndian.PutUint64(buf[:], bits)
		h.Write(buf[:])
	}
	for i, row := range s.X {
		for _, v := range row {
			put(v)
		}
		put(s.Y[i])
		put(s.weight(i))
		if s.Teacher != nil {
			put(s.Teacher[i])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// split gives the row indices of goods and bads.
func (s *Sample) split() (goods, bads []int) {
	for i, y := range s.Y {
		if y == 1 {
			bads = append(bads, i)
		} else {
			goods = append(goods, i)
		}
	}
	return goods, bads
}
