package lending

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"text/template"
	"time"

	_ "embed"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/translog"
)

//go:embed contract.zh.txt
var contractText string

var contractTemplate = template.Must(template.New("contract").Parse(contractText))

var repaymentZH = map[product.Repayment]string{product.EqualInstalments: "等额本息", product.EqualPrincipal: "等额本金",
	product.InterestFirst: "按月付息、到期还本", product.Bullet: "到期一次还本付息"}

var dayCountZH = map[product.DayCount]string{product.Actual360: "实际天数/360", product.Thirty360: "30/360"}

// insertContract makes the text of the contract out of the accepted offer.
func insertContract(ctx context.Context, tx *store.Tx, a Application, o Offer, now time.Time) error {
	var text strings.Builder
	number := strings.Replace(a.Number, "YD", "HT", 1)
	err := contractTemplate.Execute(&text, map[string]string{
		"Number": number, "Bank": a.BankName, "Firm": a.FirmName, "USCI": a.FirmUSCI, "Product": a.ProductNameZH,
		"Yuan": yuan(o.AmountFen), "Months": fmt.Sprint(o.TermMonths), "Rate": pct(o.RateBP), "LPR": pct(o.LPRBP), "Spread": fmt.Sprintf("%+d", o.SpreadBP),
		"Repayment": repaymentZH[o.Repayment], "DayCount": dayCountZH[o.DayCount], "Conditions": o.Conditions, "Date": Day(now).Format("2006年01月02日"),
	})
	if err != nil {
		return fmt.Errorf("write the contract: %w", err)
	}
	sum := sha256.Sum256([]byte(text.String()))
	_, err = tx.Exec(ctx, `insert into contract (application_id, number, text_zh, sha256) values ($1, $2, $3, $4)`,
		a.ID, number, text.String(), hex.EncodeToString(sum[:]))
	return err
}

// Sign signs the contract in the borrower's name; its digest goes into the log. The contract's text is in Case before.
func (s *Service) Sign(ctx context.Context, by party.Actor, ref Ref) (Application, error) {
	var contract *Contract
	err := s.store.View(ctx, func(tx *store.Tx) error {
		a, err := current(ctx, tx, by, ref)
		if err != nil {
			return err
		}
		if row, ok := transition(a.State, EventSign); !ok || !acts(sides(by, a), row.Who) {
			return stale()
		}
		contract, err = contractOf(ctx, tx, a.ID)
		return err
	})
	if err != nil {
		return Application{}, problem.Wrap("sign the contract", err)
	}
	if contract == nil {
		return Application{}, problem.Wrap("sign the contract", guards[GuardContractThere](attempt{}))
	}
	// The log first: a record that stands there without a signature harms nobody, a signature without its record would.
	receipt, err := s.exchange.Record(ctx, translog.Contract, ref.ID, []byte(contract.TextZH))
	if err != nil {
		return Application{}, problem.Wrap("log the contract", err)
	}
	now := s.store.Now()
	var a Application
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		read, err := current(ctx, tx, by, ref)
		if err != nil {
			return err
		}
		if a, err = s.move(ctx, tx, by, attempt{application: read, event: EventSign, now: now, contract: contract}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update contract set signed_by = $1, signed_at = $2, origin = $3, leaf_index = $4 where application_id = $5`,
			by.AccountID, store.Micros(now), receipt.Origin, int64(receipt.LeafIndex), ref.ID)
		return err
	})
	return a, problem.Wrap("sign the contract", err)
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }
