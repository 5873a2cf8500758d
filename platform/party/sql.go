package party

import (
	"context"

	"github.com/yidaitong/yidaitong/platform/store"
)

const selectOrganisation = `select id, kind, name, name_en, department, city, usci, division, industry_section, established_on,
	size_declared, employees, verified_at, created_at from organisation`

func scanOrganisation(scan func(...any) error) (o Organisation, err error) {
	var established, verified, created int64
	err = scan(&o.ID, &o.Kind, &o.Name, &o.NameEN, &o.Department, &o.City, &o.Profile.USCI, &o.Profile.Division,
		&o.Profile.IndustrySection, &established, &o.Profile.SizeDeclared, &o.Profile.Employees, &verified, &created)
	o.Profile.EstablishedOn, o.VerifiedAt, o.CreatedAt = store.Time(established), store.Time(verified), store.Time(created)
	return o, err
}

// OrganisationByID reads an organisation inside tx; a service that shows it has to bind it to a tenant itself.
func OrganisationByID(ctx context.Context, tx *store.Tx, id string) (Organisation, error) {
	return scanOrganisation(tx.Row(ctx, selectOrganisation+` where id = $1`, id).Scan)
}

func insertOrganisation(ctx context.Context, tx *store.Tx, o Organisation) error {
	_, err := tx.Exec(ctx, `insert into organisation (id, kind, name, name_en, department, city, created_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, o.ID, o.Kind, o.Name, o.NameEN, o.Department, o.City, store.Micros(o.CreatedAt))
	return err
}

const selectAccount = `select id, org_id, login, name, role, resident_masked, verified_at, created_at from account`

func scanAccount(scan func(...any) error) (a Account, err error) {
	var verified, created int64
	err = scan(&a.ID, &a.OrgID, &a.Login, &a.Name, &a.Role, &a.ResidentMasked, &verified, &created)
	a.VerifiedAt, a.CreatedAt = store.Time(verified), store.Time(created)
	return a, err
}

func accountByID(ctx context.Context, tx *store.Tx, id string) (Account, error) {
	return scanAccount(tx.Row(ctx, selectAccount+` where id = $1`, id).Scan)
}

// insertAccount reports whether the login was free.
func insertAccount(ctx context.Context, tx *store.Tx, a Account, passwordHash string) (bool, error) {
	n, err := tx.Exec(ctx, `insert into account (id, org_id, login, name, role, password_hash, created_at)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (login) do nothing`,
		a.ID, a.OrgID, a.Login, a.Name, a.Role, passwordHash, store.Micros(a.CreatedAt))
	return n == 1, err
}
