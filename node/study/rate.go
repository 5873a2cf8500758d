package study

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Terms are what a bank assumes when it prices a loan; all are settings.
type Terms struct {
	// LGD is the share of a defaulted loan that is lost. 45 % is the foundation approach's figure for unsecured claims.
	LGD float64
	// Funding is what the lent money costs a year.
	Funding float64
}

// StandardTerms are a loss of 45 % given default and funding at 2.5 %.
func StandardTerms() Terms { return Terms{LGD: 0.45, Funding: 0.025} }

// Churn is how many customers of a grade walk away at a rate.
type Churn struct {
	Rate float64
	// Lost holds the shares for the bank's grades A, B and C.
	Lost [3]float64
}

// churnColumns are the header of the file of rates.
var churnColumns = [...]string{"贷款年利率", "客户流失率_A", "客户流失率_B", "客户流失率_C"}

func readChurn(path string) ([]Churn, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the rates: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		return nil, fmt.Errorf("%s is not a table of rates; it needs the columns %v and a row per rate", path, churnColumns)
	}
	if len(rows[0]) < len(churnColumns) || rows[0][0] != churnColumns[0] {
		return nil, fmt.Errorf("%s: the header must be %v", path, churnColumns)
	}
	var out []Churn
	for n, row := range rows[1:] {
		var v [4]float64
		for c := range v {
			if v[c], err = strconv.ParseFloat(row[c], 64); err != nil || v[c] < 0 || v[c] > 1 {
				return nil, fmt.Errorf("%s, row %d, column %s: not a share between 0 and 1", path, n+1, churnColumns[c])
			}
		}
		out = append(out, Churn{Rate: v[0], Lost: [3]float64(v[1:])})
	}
	return out, nil
}

// errNoRate says that no rate earns anything.
var errNoRate = errors.New("no rate earns what the loan costs")

// bestRate is the rate that maximises what the bank can expect to earn per yuan offered in a year: the customer stays with
// a chance of 1 - churn; the loan then earns the rate unless it defaults, loses LGD when it does, and costs its funding.
// The rates of the bank's grade C stand for D too, for which it lent to nobody.
func bestRate(churn []Churn, grade string, pd float64, t Terms) (float64, error) {
	column := map[string]int{"A": 0, "B": 1, "C": 2, "D": 2}
	at, lent := column[grade]
	best, earned := 0.0, 0.0
	for _, c := range churn {
		margin := c.Rate*(1-pd) - pd*t.LGD - t.Funding
		if e := (1 - c.Lost[at]) * margin; lent && e > earned {
			best, earned = c.Rate, e
		}
	}
	if earned <= 0 {
		return 0, errNoRate
	}
	return best, nil
}
