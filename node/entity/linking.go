package entity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// linking is one run over what has landed. All that it writes is one transaction.
type linking struct {
	*engine
	contracts []*catalog.Contract // those whose rows name a firm
	number    int64
	changed   bool     // the register says otherwise than at the last run
	anew      bool     // everything is linked again
	held      []string // catalogues whose distinct identities the lake keeps (landed_identity), so that their rows need not be read
	looked    int64
	learnt    bool
}

// A batch of catalogues is read together as long as they hold no more unseen identities than this.
const batchIdentities = 3_000_000

func (r *linking) perform(ctx context.Context) (err error) {
	if err := r.run(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.run(context.WithoutCancel(ctx), "ROLLBACK"))
		}
	}()
	if r.number, err = r.count(ctx, "SELECT coalesce(max(run), 0) + 1 FROM entity.run"); err != nil {
		return err
	}
	if err := r.register(ctx); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if err := r.look(ctx); err != nil {
		return err
	}
	if err := r.run(ctx, r.numberedSQL("decide")); err != nil {
		return fmt.Errorf("decisions: %w", err)
	}
	if err := r.run(ctx, fmt.Sprintf(`INSERT INTO entity.run
		SELECT %d, (SELECT max(known_on) FROM entity.firm), %d, (SELECT count(*) FROM entity.firm), %d, (SELECT count(*) FROM entity.link), %t`, r.number, rulesVersion, r.looked, r.learnt)); err != nil {
		return err
	}
	return r.run(ctx, "COMMIT")
}

// numberedSQL is a query that logs changes under the run's number and the day that the register speaks of.
func (r *linking) numberedSQL(name string) string {
	return strings.NewReplacer("{{run}}", fmt.Sprint(r.number), "{{known_on}}", "(SELECT max(known_on) FROM entity.firm)").Replace(text(name))
}

// register reads the reference catalogues, and makes the firms anew when they say otherwise than at the last run.
func (r *linking) register(ctx context.Context) error {
	var err error
	if r.changed, err = r.differs(ctx, "registrations, renames, rules"); err != nil || !r.changed {
		return err
	}
	if r.anew, err = r.differs(ctx, "rules, engine"); err != nil {
		return err
	}
	if err := r.run(ctx, "CREATE OR REPLACE TEMP TABLE firm_before AS FROM entity.firm; CREATE OR REPLACE TEMP TABLE name_before AS FROM entity.name"); err != nil {
		return err
	}
	if err := r.runFile(ctx, "register"); err != nil {
		return err
	}
	return r.run(ctx, "DELETE FROM entity.basis; INSERT INTO entity.basis (registrations, renames, rules, engine) SELECT registrations, renames, rules, engine FROM basis")
}

// differs reports whether this run's basis differs from the last one's in some columns.
func (r *linking) differs(ctx context.Context, columns string) (bool, error) {
	same, err := r.count(ctx, "SELECT count(*) FROM basis JOIN entity.basis USING ("+columns+")")
	return same == 0, err
}

// readRegister reads the reference catalogues and the names that firms gave up.
func (r *linking) readRegister(ctx context.Context, contracts *catalog.Catalogs) error {
	var sources []string
	for _, c := range r.contracts {
		if c.Role == catalog.RoleReference {
			sources = append(sources, registrationQuery(c))
		}
	}
	if len(sources) == 0 {
		return fmt.Errorf("no catalogue has the role %q", catalog.RoleReference)
	}
	return r.run(ctx, "CREATE OR REPLACE TEMP TABLE registration AS "+strings.Join(sources, "\nUNION ALL\n")+
		";\nCREATE OR REPLACE TEMP TABLE rename AS "+renameQuery(contracts)+
		";\n"+fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE basis AS SELECT
			coalesce((SELECT bit_xor(hash(registration)) FROM registration), 0) AS registrations,
			coalesce((SELECT bit_xor(hash(rename)) FROM rename), 0) AS renames, %d AS rules, version() AS engine`, rulesVersion))
}

// look links the identities that were not looked at yet, and those that the change of the register can touch.
func (r *linking) look(ctx context.Context) error {
	if err := r.run(ctx, `CREATE OR REPLACE TEMP TABLE again (writing_id UBIGINT); CREATE OR REPLACE TEMP TABLE new_writing (writing_id UBIGINT);
		CREATE OR REPLACE TEMP TABLE link_before (catalogue VARCHAR, _identity UBIGINT, firm_id BIGINT)`); err != nil {
		return err
	}
	if r.anew {
		if err := r.run(ctx, "DELETE FROM entity.link; DELETE FROM entity.unlinked; DELETE FROM entity.open_identity; DELETE FROM entity.open_key; DELETE FROM entity.doubt"); err != nil {
			return err
		}
	}
	if r.changed {
		if err := r.prepareReference(ctx); err != nil {
			return err
		}
	}
	if r.changed && !r.anew {
		if err := r.putAside(ctx); err != nil {
			return fmt.Errorf("what the change touches: %w", err)
		}
	}
	batches, err := r.batches(ctx)
	if err != nil {
		return err
	}
	again, err := r.count(ctx, "SELECT count(*) FROM again")
	if err != nil || again == 0 && len(batches) == 0 {
		return err
	}
	if !r.changed {
		if err := r.prepareReference(ctx); err != nil {
			return err
		}
	}
	stored, err := r.storedWeights(ctx)
	if err != nil {
		return err
	}
	var seen lessons
	for _, batch := range batches {
		if err := r.readBatch(ctx, batch); err != nil {
			return err
		}
		if stored == nil {
			if err := r.pairLessons(ctx, &seen); err != nil {
				return fmt.Errorf("learn: %w", err)
			}
		}
	}
	return r.weighOpen(ctx, stored, seen)
}

// prepareReference makes the register ready for the engine.
func (e *engine) prepareReference(ctx context.Context) error {
	err := e.run(ctx, `
		CREATE OR REPLACE TEMP TABLE reference AS
			SELECT firm_id, usci, reg_no, org_code, firm_code, firm_name, kind, division_code, address, legal_person, legal_person_id AS person_id FROM entity.firm;
		CREATE OR REPLACE TEMP TABLE reference_name AS FROM entity.name`)
	if err != nil {
		return err
	}
	return e.learn(ctx)
}

// putAside moves history along merges, and forgets the links that the change of the register can touch, so that they are made again.
func (r *linking) putAside(ctx context.Context) error {
	if err := r.run(ctx, r.numberedSQL("touched")); err != nil {
		return err
	}
	if err := r.run(ctx, "CREATE OR REPLACE TEMP TABLE touched_key AS SELECT DISTINCT key FROM ("+knownKeys("touched_known", "touched_name")+")"); err != nil {
		return err
	}
	return r.run(ctx, text("aside"))
}

// batches are the catalogues with identities that were not looked at yet, in groups of bounded size.
func (r *linking) batches(ctx context.Context) ([][]*catalog.Contract, error) {
	if err := r.run(ctx, `CREATE OR REPLACE TEMP VIEW seen_identity AS
		SELECT catalogue, _identity FROM entity.link UNION ALL SELECT catalogue, _identity FROM entity.unlinked
		UNION ALL SELECT catalogue, _identity FROM entity.open_identity WHERE writing_id IN (SELECT writing_id FROM again);
		CREATE OR REPLACE TEMP TABLE seen_digest AS SELECT catalogue, count(*) AS seen, bit_xor(_identity) AS digest FROM seen_identity GROUP BY catalogue`); err != nil {
		return nil, err
	}
	var err error
	if r.held, err = r.list(ctx, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'landed_identity'"); err != nil {
		return nil, err
	}
	var found [][]*catalog.Contract
	size := int64(batchIdentities)
	for _, c := range r.contracts {
		unseen, err := r.unseen(ctx, c)
		if err != nil {
			return nil, err
		}
		if unseen == 0 {
			continue
		}
		if size+unseen > batchIdentities {
			found, size = append(found, nil), 0
		}
		found[len(found)-1] = append(found[len(found)-1], c)
		size += unseen
	}
	return found, nil
}

// unseen counts the identities of a catalogue that were not looked at yet. Where those that were are the same set by number and digest, which is the
// rule, there are none.
func (r *linking) unseen(ctx context.Context, c *catalog.Contract) (int64, error) {
	source := "(SELECT DISTINCT _identity FROM " + c.View() + " WHERE _identity IS NOT NULL)"
	if slices.Contains(r.held, c.Table()) {
		source = "landed_identity." + c.Table()
	}
	different, err := r.count(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT count(*) AS seen, bit_xor(_identity) AS digest FROM %s) t WHERE seen > 0 AND NOT EXISTS (SELECT 1 FROM seen_digest d WHERE d.catalogue = '%s' AND d.seen = t.seen AND d.digest = t.digest)",
		source, c.Table()))
	if err != nil || different == 0 {
		return 0, err
	}
	return r.count(ctx, fmt.Sprintf("SELECT count(*) FROM %s s WHERE NOT EXISTS (SELECT 1 FROM seen_identity k WHERE k.catalogue = '%s' AND k._identity = s._identity)", source, c.Table()))
}

// readBatch links the unseen identities of some catalogues whose codes name one firm, and keeps what the others say for weighing. Each distinct
// content is looked at once, whatever number of catalogues holds it.
func (r *linking) readBatch(ctx context.Context, batch []*catalog.Contract) error {
	var sources []string
	for _, c := range batch {
		sources = append(sources, identityQuery(c, slices.Contains(r.held, c.Table())))
	}
	err := r.run(ctx, "CREATE OR REPLACE TEMP TABLE identity AS SELECT *, "+writingID+" AS writing_id FROM ("+strings.Join(sources, "\nUNION ALL\n")+")")
	if err != nil {
		return err
	}
	seen, err := r.count(ctx, "SELECT count(*) FROM identity")
	if err != nil {
		return err
	}
	r.looked += seen
	if err := r.run(ctx, probeQuery("identity")); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.run(ctx, `
		INSERT INTO entity.link SELECT i.catalogue, i._identity, a.firm_id, a.rule, a.confidence FROM identity i JOIN answer a ON a.probe_id = i.writing_id ORDER BY i.catalogue;
		CREATE OR REPLACE TEMP TABLE left_open AS SELECT * FROM identity WHERE writing_id NOT IN (SELECT probe_id FROM answer);
		INSERT INTO entity.open_identity SELECT catalogue, _identity, writing_id, usci, reg_no, org_code, taxpayer_id, firm_code, firm_name, legal_person FROM left_open ORDER BY catalogue;
		INSERT INTO new_writing SELECT DISTINCT writing_id FROM left_open`)
}

// writingID is a number for what a record says of its firm. It is stored, so it must come out the same in every version of the engine.
const writingID = `md5_number_lower(concat_ws(chr(31), coalesce(usci, ''), coalesce(reg_no, ''), coalesce(org_code, ''), coalesce(taxpayer_id, ''), coalesce(firm_code, ''), coalesce(firm_name, ''), coalesce(legal_person, '')))`

func probeQuery(source string) string {
	return `CREATE OR REPLACE TEMP TABLE probe AS
		SELECT writing_id AS probe_id, any_value(usci) AS usci, any_value(reg_no) AS reg_no, any_value(org_code) AS org_code, any_value(taxpayer_id) AS taxpayer_id,
			any_value(firm_code) AS firm_code, any_value(firm_name) AS firm_name, any_value(legal_person) AS legal_person, NULL::VARCHAR AS address
		FROM ` + source + ` GROUP BY writing_id`
}

// weighOpen weighs the new writings that codes left open, and those that were put aside.
func (r *linking) weighOpen(ctx context.Context, stored *weights, seen lessons) error {
	if err := r.run(ctx, `CREATE OR REPLACE TEMP TABLE looking AS SELECT writing_id FROM new_writing UNION SELECT writing_id FROM again;
		CREATE OR REPLACE TEMP TABLE looking_identity AS SELECT * FROM entity.open_identity o WHERE writing_id IN (SELECT writing_id FROM looking)
			AND NOT EXISTS (SELECT 1 FROM entity.link k WHERE k.catalogue = o.catalogue AND k._identity = o._identity)
			AND NOT EXISTS (SELECT 1 FROM entity.unlinked k WHERE k.catalogue = o.catalogue AND k._identity = o._identity)`); err != nil {
		return err
	}
	if err := r.run(ctx, probeQuery("looking_identity")); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	again, err := r.count(ctx, "SELECT count(*) FROM looking_identity WHERE writing_id IN (SELECT writing_id FROM again)")
	if err != nil {
		return err
	}
	r.looked += again
	w, err := r.weigh(ctx, stored, seen)
	if err != nil {
		return err
	}
	if stored == nil {
		r.learnt = true
		if err := r.storeWeights(ctx, w); err != nil {
			return err
		}
	}
	return r.run(ctx, r.numberedSQL("keep"))
}

// identityQuery selects the identities of a catalogue that were not looked at yet, with what they say, from the lake's own list of them where it
// keeps one.
func identityQuery(c *catalog.Contract, held bool) string {
	source, group := "landed_identity."+c.Table(), ""
	if !held {
		source, group = c.View(), " GROUP BY _identity"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT '%s' AS catalogue, _identity", c.Table())
	for _, column := range identifierColumns(c) {
		if !held && !strings.HasPrefix(column.expression, "NULL") {
			column.expression = "any_value(" + column.expression + ")"
		}
		fmt.Fprintf(&b, ", %s AS %s", column.expression, column.name)
	}
	fmt.Fprintf(&b, " FROM %s AS s WHERE _identity IS NOT NULL", source)
	for _, table := range []string{"entity.link", "entity.unlinked", "entity.open_identity"} {
		fmt.Fprintf(&b, " AND NOT EXISTS (SELECT 1 FROM %s k WHERE k.catalogue = '%s' AND k._identity = s._identity)", table, c.Table())
	}
	return b.String() + group
}

type identifierColumn struct{ name, expression string }

// identifierColumns are the seven fields that say whose a record is, as a catalogue has them.
func identifierColumns(c *catalog.Contract) []identifierColumn {
	fields := map[catalog.Identifier]string{}
	for _, f := range c.FirmIdentifiers() {
		fields[f.Identifier] = f.Name
	}
	var found []identifierColumn
	for _, id := range []catalog.Identifier{catalog.USCI, catalog.RegNo, catalog.OrgCode, catalog.TaxpayerID, catalog.FirmCode, catalog.FirmName, catalog.LegalName} {
		expression := "NULL::VARCHAR"
		if name := fields[id]; name != "" {
			expression = name
		}
		found = append(found, identifierColumn{string(id), expression})
	}
	return found
}
