package product

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Service publishes, lists and judges products.
type Service struct {
	store *store.Store
	rules *rulebook
	// Versions never change, so what was compiled once stays right.
	mu       sync.Mutex
	compiled map[versionKey][]compiled
}

type versionKey struct {
	id      string
	version int
}

// New returns the service and makes sure that the LPR history is there.
func New(ctx context.Context, s *store.Store) (*Service, error) {
	rules, err := newRulebook()
	if err != nil {
		return nil, err
	}
	service := &Service{store: s, rules: rules, compiled: map[versionKey][]compiled{}}
	return service, service.seedLPR(ctx)
}

// Publish checks and publishes a product or its next version. A wrong rule is refused with field rule_N (from 1) and its
// line:column.
func (s *Service) Publish(ctx context.Context, by party.Actor, d Draft) (Product, error) {
	if !by.Role.Bank() {
		return Product{}, problem.New(problem.Forbidden, "not_a_bank", "只有银行可以发布产品。", "Only a bank publishes products.")
	}
	p := d.Product
	p.BankID, p.PublishedBy, p.PublishedAt, p.State = by.OrgID, by.AccountID, s.store.Now(), StatePublished
	if p.EffectiveFrom.Before(p.PublishedAt) {
		p.EffectiveFrom = p.PublishedAt
	}
	if err := s.check(&p); err != nil {
		return Product{}, err
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		bank, err := party.OrganisationByID(ctx, tx, by.OrgID)
		if err != nil {
			return err
		}
		p.BankName, p.BankNameEN, p.City = bank.Name, bank.NameEN, bank.City
		if p.ID, p.Version, err = s.nextVersion(ctx, tx, by, d.ProductID, p.City); err != nil {
			return err
		}
		return insertVersion(ctx, tx, p)
	})
	return p, problem.Wrap("publish the product", err)
}

// nextVersion makes a new product, or counts up the actor's bank's own one.
func (s *Service) nextVersion(ctx context.Context, tx *store.Tx, by party.Actor, id, city string) (string, int, error) {
	if id == "" {
		id = s.store.NewID()
		_, err := tx.Exec(ctx, `insert into product (id, bank_id, city, version) values ($1, $2, $3, 1)`, id, by.OrgID, city)
		return id, 1, err
	}
	var version int
	err := tx.Row(ctx, `select version from product where id = $1 and bank_id = $2`, id, by.OrgID).Scan(&version)
	if err != nil {
		return "", 0, err
	}
	version++
	_, err = tx.Exec(ctx, `update product set version = $1 where id = $2`, version, id)
	return id, version, err
}

func insertVersion(ctx context.Context, tx *store.Tx, p Product) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into product_version (product_id, version, kind, name_zh, name_en, body, effective_from, published_by,
		published_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, p.ID, p.Version, p.Kind, p.NameZH, p.NameEN, string(body), store.Micros(p.EffectiveFrom), p.PublishedBy, store.Micros(p.PublishedAt))
	return err
}

// check names everything that is wrong with a product and marks the rules that need a report.
func (s *Service) check(p *Product) error {
	var wrong problem.Fields
	checkText(&wrong, "name_zh", p.NameZH, 2, 40)
	checkText(&wrong, "name_en", p.NameEN, 2, 80)
	checkText(&wrong, "summary_zh", p.SummaryZH, 0, 200)
	checkText(&wrong, "summary_en", p.SummaryEN, 0, 400)
	if len(p.Borrowers) == 0 {
		wrong.Add("borrowers", "missing", "请选择面向的主体。", "Choose who may borrow.")
	}
	for _, b := range p.Borrowers {
		if b != string(party.KindEnterprise) && b != string(party.KindIndividual) {
			wrong.Add("borrowers", "unknown", "面向的主体只能是企业或个体工商户。", "Borrowers are enterprise or individual.")
		}
	}
	if p.AmountMinFen < 100 || p.AmountMaxFen < p.AmountMinFen || p.AmountMaxFen > 100_000_000_00 {
		wrong.Add("amount", "range", "金额范围须由小到大，且不超过 1 亿元。", "The amounts run from low to high, up to 100 million yuan.")
	}
	if p.TermMinMonths < 1 || p.TermMaxMonths < p.TermMinMonths || p.TermMaxMonths > 360 {
		wrong.Add("term", "range", "期限范围须由短到长，1–360 个月。", "The terms run from short to long, 1 to 360 months.")
	}
	if len(p.Repayments) == 0 {
		wrong.Add("repayment", "missing", "请至少选择一种还款方式。", "Choose at least one way of repayment.")
	}
	for _, r := range p.Repayments {
		if !slices.Contains(RepaymentKinds(), r) {
			wrong.Add("repayment", "unknown", "没有这种还款方式。", "There is no such way of repayment.")
		}
	}
	if p.DayCount != Actual360 && p.DayCount != Thirty360 {
		wrong.Add("day_count", "unknown", "计息方式须为实际/360 或 30/360。", "The day count is actual/360 or 30/360.")
	}
	if p.LPRTenor != LPR1Y && p.LPRTenor != LPR5Y {
		wrong.Add("lpr_tenor", "unknown", "LPR 期限须为 1 年或 5 年。", "The LPR's tenor is 1Y or 5Y.")
	}
	if len(p.DataClasses) == 0 {
		wrong.Add("data_class", "missing", "请选择需要借款人授权的数据类别。", "Choose the data classes that the borrower is to authorise.")
	}
	if p.AcceptWithin <= 0 || p.DecideWithin <= 0 {
		wrong.Add("deadline", "missing", "请填写受理和审批时限。", "Give the deadlines for acceptance and decision.")
	}
	if !p.EffectiveUntil.IsZero() && !p.EffectiveUntil.After(p.EffectiveFrom) {
		wrong.Add("effective_until", "range", "失效日期须晚于生效日期。", "The product ends after it begins.")
	}
	checkPricing(&wrong, p.Pricing)
	s.checkRules(&wrong, p)
	return wrong.Err()
}

func (s *Service) checkRules(wrong *problem.Fields, p *Product) {
	p.Rules = slices.Clone(p.Rules)
	seen := map[string]bool{}
	for i := range p.Rules {
		r, field := p.Rules[i], fmt.Sprintf("rule_%d", i+1)
		if r.Code == "" || seen[r.Code] {
			wrong.Add(field, "code", "每条规则须有不重复的代码。", "Every rule has a code of its own.")
		}
		seen[r.Code] = true
		if r.MessageZH == "" || r.MessageEN == "" {
			wrong.Add(field, "message", "每条规则须有中英文说明。", "Every rule has a sentence in Chinese and in English.")
		}
		if c, ok := s.rules.compile(field, r, wrong); ok {
			p.Rules[i] = c.rule
		}
	}
}

func checkText(wrong *problem.Fields, field, text string, low, high int) {
	if n := utf8.RuneCountInString(text); n < low || n > high || !utf8.ValidString(text) {
		wrong.Add(field, "length", fmt.Sprintf("请填写 %d–%d 个字。", low, high), fmt.Sprintf("Give %d to %d characters.", low, high))
	}
}

// Suspend stops new applications for the actor's bank's product; Resume allows them again.
func (s *Service) Suspend(ctx context.Context, by party.Actor, productID string) error {
	return s.setSuspended(ctx, by, productID, s.store.Now())
}

// Resume allows applications again.
func (s *Service) Resume(ctx context.Context, by party.Actor, productID string) error {
	return s.setSuspended(ctx, by, productID, time.Time{})
}

func (s *Service) setSuspended(ctx context.Context, by party.Actor, id string, at time.Time) error {
	return problem.Wrap("suspend or resume the product", s.store.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update product set suspended_at = $1 where id = $2 and bank_id = $3`, store.Micros(at), id, by.OrgID)
		if err == nil && (n == 0 || !by.Role.Bank()) {
			return sql.ErrNoRows
		}
		return err
	}))
}

// Filter of the public list; zero values ask for everything.
type Filter struct {
	City       string
	Kind       Kind
	BankID     string
	AmountFen  int64
	TermMonths int
	Text       string // part of a name
}

func (f Filter) fits(p Product) bool {
	return (f.City == "" || p.City == f.City) && (f.Kind == "" || p.Kind == f.Kind) && (f.BankID == "" || p.BankID == f.BankID) &&
		(f.AmountFen == 0 || p.AmountMinFen <= f.AmountFen && f.AmountFen <= p.AmountMaxFen) &&
		(f.TermMonths == 0 || p.TermMinMonths <= f.TermMonths && f.TermMonths <= p.TermMaxMonths) &&
		(f.Text == "" || strings.Contains(strings.ToLower(p.NameZH+" "+p.NameEN+" "+p.BankName), strings.ToLower(f.Text)))
}

// List returns the products in force, cheapest first.
func (s *Service) List(ctx context.Context, f Filter) ([]Product, error) {
	var all []Product
	now := s.store.Now()
	err := s.store.View(ctx, func(tx *store.Tx) error {
		newest, err := store.Collect(ctx, tx, scanProduct, selectProduct+inForce, store.Micros(now))
		if err != nil {
			return err
		}
		lpr, err := lprOn(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, p := range newest {
			if p.InForce(now) && f.fits(p) {
				all = append(all, p)
			}
		}
		slices.SortStableFunc(all, func(a, b Product) int {
			lowA, highA := a.RateRange(lpr)
			lowB, highB := b.RateRange(lpr)
			return firstNonZero(lowA-lowB, highA-highB, strings.Compare(a.ID, b.ID))
		})
		return nil
	})
	return all, problem.Wrap("list the products", err)
}

func firstNonZero(numbers ...int) int {
	for _, n := range numbers {
		if n != 0 {
			return n
		}
	}
	return 0
}

// Get returns the version in force of a product (also when suspended).
func (s *Service) Get(ctx context.Context, productID string) (Product, error) {
	var p Product
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		p, err = scanProduct(tx.Row(ctx, selectProduct+inForce+` and p.id = $2`, store.Micros(s.store.Now()), productID).Scan)
		return err
	})
	return p, problem.Wrap("read the product", err)
}

// Version returns one version of a product.
func (s *Service) Version(ctx context.Context, productID string, version int) (Product, error) {
	var p Product
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		p, err = VersionIn(ctx, tx, productID, version)
		return err
	})
	return p, problem.Wrap("read the product", err)
}

// VersionIn is Version inside a transaction.
func VersionIn(ctx context.Context, tx *store.Tx, productID string, version int) (Product, error) {
	return scanProduct(tx.Row(ctx, selectProduct+` where v.product_id = $1 and v.version = $2`, productID, version).Scan)
}

// OfBank lists the actor's bank's own products, newest version each, in every state.
func (s *Service) OfBank(ctx context.Context, by party.Actor) ([]Product, error) {
	var all []Product
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanProduct, selectProduct+` where p.bank_id = $1 and v.version = p.version order by p.id`, by.OrgID)
		return err
	})
	return all, problem.Wrap("list the bank's products", err)
}

// selectProduct: one row per version, with its product's suspension.
const selectProduct = `select v.body, p.suspended_at from product p join product_version v on v.product_id = p.id`

// inForce keeps the newest version of each product that has taken effect by $1.
const inForce = ` where v.version = (select max(w.version) from product_version w where w.product_id = p.id and w.effective_from <= $1)`

func scanProduct(scan func(...any) error) (p Product, err error) {
	var body string
	var suspended int64
	if err := scan(&body, &suspended); err != nil {
		return Product{}, err
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return Product{}, fmt.Errorf("read a product: %w", err)
	}
	if suspended != 0 {
		p.State = StateSuspended
	}
	return p, nil
}

// Judge evaluates a product's rules, after its ranges, which count as rules of their own.
func (s *Service) Judge(_ context.Context, p Product, f Facts) ([]Verdict, error) {
	rules, err := s.compiledRules(p)
	if err != nil {
		return nil, err
	}
	verdicts := judgeRanges(p, f)
	for _, c := range rules {
		verdicts = append(verdicts, Verdict{Rule: c.rule, Outcome: c.judge(f)})
	}
	return verdicts, nil
}

func (s *Service) compiledRules(p Product) ([]compiled, error) {
	key := versionKey{p.ID, p.Version}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rules, ok := s.compiled[key]; ok {
		return rules, nil
	}
	var wrong problem.Fields
	var rules []compiled
	for _, r := range p.Rules {
		if c, ok := s.rules.compile(r.Code, r, &wrong); ok {
			rules = append(rules, c)
		}
	}
	// They were checked when published: a rule that fails now means that the vocabulary lost a word.
	if len(wrong) > 0 {
		return nil, fmt.Errorf("product %s version %d: rule %s no longer compiles: %s", p.ID, p.Version, wrong[0].Name, wrong[0].EN)
	}
	s.compiled[key] = rules
	return rules, nil
}
