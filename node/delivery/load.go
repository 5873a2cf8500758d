package delivery

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// LoadOptions are what a load depends on besides the files.
type LoadOptions struct {
	Clock    func() time.Time // tells the day of delivery where a file's name does not
	Progress func(Progress)   // told after every batch; may be nil
}

// batchBytes bounds the files that go through one statement together, measured as text. The engine holds a batch's values in memory, twice the text's
// size, for as many catalogues at once as there are cores. The larger the batches, the fewer times are the keys that landed before looked through.
func batchBytes(memory int64) int64 { return min(max(memory/8, 64<<20), 2<<30) }

// errDiskFull ends a load for which there is no room.
var errDiskFull = errors.New("the disk that holds the lake is full; what was committed stays, nothing else was changed: make room and run the same load again")

// diskFull recognises a full disk as the system reports it to us, and as the engine reports it.
func diskFull(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, syscall.ENOSPC) {
		return true
	}
	engine := engineError(err)
	return engine != nil && strings.Contains(engine.Msg, "No space left on device")
}

// run is one load.
type run struct {
	lake      *lake.Lake
	contracts *catalog.Catalogs
	clock     func() time.Time
	progress  func(Progress)

	hashing string // how the engine hashes, see hashing

	committing sync.Mutex // over the ledger and what follows
	catalogues map[string]*state
	identified map[string]bool // the catalogue's table of identities is as the contract wants it

	reporting sync.Mutex // over what follows
	report    LoadReport
	done      Progress
}

// Load takes files into the lake: those that paths name, and all that lie under the folders that paths name. What cannot be taken is refused
// file by file and reported; the rest is loaded all the same. It fails when a path does not exist or the lake cannot be written; what was
// committed until then stays, and the same load run again completes it.
func Load(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, paths []string, o LoadOptions) (LoadReport, error) {
	started := time.Now()
	files, err := listFiles(paths)
	if err != nil {
		return LoadReport{}, err
	}
	r := &run{lake: l, contracts: contracts, clock: o.Clock, progress: o.Progress, identified: map[string]bool{}}
	if r.catalogues, err = states(ctx, l.DB()); err != nil {
		return LoadReport{}, err
	}
	if r.hashing, err = engineHashing(ctx, l.DB()); err != nil {
		return LoadReport{}, err
	}
	r.done.FilesTotal = len(files)
	r.report.Refused, r.report.Catalogues = []Refusal{}, []CatalogueCount{}
	groups, err := r.identify(ctx, files)
	if err != nil {
		return LoadReport{}, err
	}
	if err = r.loadGroups(ctx, groups); err == nil {
		err = r.compactMany(ctx)
	}
	if diskFull(err) {
		err = errDiskFull
	}
	r.report.Seconds = time.Since(started).Seconds()
	slices.SortFunc(r.report.Refused, func(a, b Refusal) int { return cmp.Compare(a.File, b.File) })
	slices.SortFunc(r.report.Catalogues, func(a, b CatalogueCount) int {
		return cmp.Or(cmp.Compare(a.Department, b.Department), cmp.Compare(a.Catalogue, b.Catalogue))
	})
	return r.report, err
}

// listFiles lists what paths name and what lies under the folders among them, each file once. Hidden files are office programs' and are left out.
func listFiles(paths []string) ([]string, error) {
	var found []string
	seen := map[string]bool{}
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("%s cannot be read: %s", name, pathProblem(err))
			}
			hidden := name != path && (strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "~$"))
			switch {
			case hidden && entry.IsDir():
				return filepath.SkipDir
			case hidden || entry.IsDir() || !regular(name, entry):
				return nil
			}
			if name = filepath.Clean(name); !seen[name] {
				seen[name] = true
				found = append(found, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// regular follows links that the user placed, to files only.
func regular(name string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// group is the files of one catalogue, or (without a contract) those whose columns must tell it.
type group struct {
	contract *catalog.Contract
	sources  []*source
}

// identify takes every file's checksum, leaves out what was taken before, and finds each file's catalogue as far as its place and name tell it.
func (r *run) identify(ctx context.Context, files []string) ([]group, error) {
	sources, err := r.digest(ctx, files)
	if err != nil {
		return nil, err
	}
	sources, err = r.leaveOutRepeats(ctx, sources)
	if err != nil {
		return nil, err
	}
	byContract := map[*catalog.Contract][]*source{}
	for _, s := range sources {
		if s.contract == nil {
			if err := r.identifyByColumns(ctx, s); err != nil {
				return nil, err
			}
			if s.contract == nil {
				continue
			}
		}
		byContract[s.contract] = append(byContract[s.contract], s)
	}
	var groups []group
	for contract, its := range byContract {
		groups = append(groups, group{contract, its})
	}
	// The largest first, so that no core waits long for the last one.
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(-cmp.Compare(sumBytes(a.sources), sumBytes(b.sources)), cmp.Compare(a.contract.Table(), b.contract.Table()))
	})
	return groups, nil
}

func sumBytes(sources []*source) int64 {
	var sum int64
	for _, s := range sources {
		sum += s.textBytes()
	}
	return sum
}

// textBytes guesses how much text a file holds.
func (s *source) textBytes() int64 {
	if s.content.gzip || s.content.format == formatXLSX || s.content.format == formatParquet {
		return 8 * s.bytes
	}
	return s.bytes
}

// digest opens every file once for its checksum and kind. The sources come back in the order in which they became known.
func (r *run) digest(ctx context.Context, files []string) ([]*source, error) {
	found := make([][]*source, len(files))
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.NumCPU())
	for i, path := range files {
		work.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			deliveries := examine(r.contracts, path, r.clock())
			r.reporting.Lock()
			r.done.FilesTotal += len(deliveries) - 1
			r.reporting.Unlock()
			for _, s := range deliveries {
				if s.failure != nil {
					if err := r.refuse(ctx, s, s.failure); err != nil {
						return err
					}
					continue
				}
				found[i] = append(found[i], s)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	sources := slices.Concat(found...)
	slices.SortStableFunc(sources, func(a, b *source) int {
		return cmp.Or(cmp.Compare(a.knownOn.Format(time.DateOnly), b.knownOn.Format(time.DateOnly)), cmp.Compare(a.path, b.path))
	})
	return sources, nil
}

// identifyByColumns finds the catalogue of a file whose place and name say nothing.
func (r *run) identifyByColumns(ctx context.Context, s *source) error {
	temp, err := os.MkdirTemp(r.lake.Temp(), "probe")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	if s.contract, err = s.recognise(ctx, r.lake.DB(), r.contracts, temp); err != nil {
		return r.refuse(ctx, s, err)
	}
	return nil
}

// leaveOutRepeats counts the files that were taken before, or that are twice in this load, and numbers the others. The same content under another
// day's name is another delivery: it says that things stand so on that day, whatever was said in between.
func (r *run) leaveOutRepeats(ctx context.Context, sources []*source) ([]*source, error) {
	taken, next, err := r.takenBefore(ctx)
	if err != nil {
		return nil, err
	}
	var fresh []*source
	first := map[string][]*source{}
	for _, s := range sources {
		if i := slices.IndexFunc(taken[s.sha256], func(e earlier) bool { return s.repeats(e.knownOn) }); i >= 0 {
			if err := r.repeated(ctx, s, taken[s.sha256][i]); err != nil {
				return nil, err
			}
			continue
		}
		twins := first[s.sha256]
		if i := slices.IndexFunc(twins, func(twin *source) bool { return s.repeats(twin.knownOn) }); i >= 0 {
			// It is counted when the first of the two has landed, or refused with it.
			twins[i].twins = append(twins[i].twins, s)
			continue
		}
		s.number, first[s.sha256] = next, append(twins, s)
		next++
		fresh = append(fresh, s)
	}
	return fresh, nil
}

// repeats reports whether a file is one of the same content that was known on that day, come again.
func (s *source) repeats(knownOn time.Time) bool {
	return !s.dated || s.knownOn.Format(time.DateOnly) == knownOn.Format(time.DateOnly)
}

// earlier is a delivery that was taken before.
type earlier struct {
	number, rows          int64
	department, catalogue string
	knownOn               time.Time
}

func (r *run) takenBefore(ctx context.Context) (map[string][]earlier, int64, error) {
	rows, err := r.lake.DB().QueryContext(ctx, `SELECT sha256, delivery_no, received, department, catalogue, known_on FROM ledger.delivery`)
	if err != nil {
		return nil, 0, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	taken := map[string][]earlier{}
	next := int64(1)
	for rows.Next() {
		var sum string
		var e earlier
		if err := rows.Scan(&sum, &e.number, &e.rows, &e.department, &e.catalogue, &e.knownOn); err != nil {
			return nil, 0, fmt.Errorf("read the ledger: %w", err)
		}
		taken[sum] = append(taken[sum], e)
		next = max(next, e.number+1)
	}
	return taken, next, rows.Err()
}

// repeated enters a file that came again: all its rows are duplicates.
func (r *run) repeated(ctx context.Context, s *source, before earlier) error {
	r.committing.Lock()
	_, err := r.lake.DB().ExecContext(ctx, `INSERT INTO ledger.repeat VALUES (?, ?, ?, ?)`, before.number, s.name, before.rows, r.clock().UTC())
	r.committing.Unlock()
	if err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	r.tell(before.department, before.catalogue, []counts{{received: before.rows, duplicates: before.rows}})
	return nil
}

// refuse reports and enters a file that is not taken. Errors that are not about the file end the load.
func (r *run) refuse(ctx context.Context, s *source, err error) error {
	var why *refusal
	if !errors.As(err, &why) {
		return err
	}
	department := s.department
	if s.contract != nil {
		department = s.contract.Department
	}
	r.committing.Lock()
	_, err = r.lake.DB().ExecContext(ctx, `INSERT INTO ledger.refusal VALUES (?, ?, ?, ?, ?, ?)`, department, s.name, s.sha256, why.Error(), why.chinese(), r.clock().UTC())
	r.committing.Unlock()
	if err != nil {
		return fmt.Errorf("enter the ledger: %w", err)
	}
	r.reporting.Lock()
	r.report.Refused = append(r.report.Refused, Refusal{File: s.path, Reason: why.Error(), ReasonZH: why.chinese()})
	r.done.FilesDone++
	r.reporting.Unlock()
	for _, twin := range s.twins {
		if err := r.refuse(ctx, twin, why); err != nil {
			return err
		}
	}
	return nil
}

// tell adds a batch to the report.
func (r *run) tell(department, catalogue string, counted []counts) {
	r.reporting.Lock()
	defer r.reporting.Unlock()
	i := slices.IndexFunc(r.report.Catalogues, func(c CatalogueCount) bool { return c.Department == department && c.Catalogue == catalogue })
	if i < 0 {
		r.report.Catalogues = append(r.report.Catalogues, CatalogueCount{Department: department, Catalogue: catalogue})
		i = len(r.report.Catalogues) - 1
	}
	its := &r.report.Catalogues[i]
	for _, c := range counted {
		its.Files, its.Received, its.Landed, its.Quarantined, its.Duplicates = its.Files+1, its.Received+c.received, its.Landed+c.landed, its.Quarantined+c.quarantined, its.Duplicates+c.duplicates
		r.report.Files++
		r.report.Received += c.received
		r.report.Landed += c.landed
		r.report.Quarantined += c.quarantined
		r.report.Duplicates += c.duplicates
		r.done.FilesDone++
		r.done.Rows += c.received
	}
	r.done.Catalogue = department + "/" + catalogue
	if r.progress != nil {
		r.progress(r.done)
	}
}

// loadGroups works through the catalogues, as many at once as there are cores: while one's files are prepared, another's run in the engine.
func (r *run) loadGroups(ctx context.Context, groups []group) error {
	work, ctx := errgroup.WithContext(ctx)
	queue := make(chan group)
	work.Go(func() error {
		defer close(queue)
		for _, g := range groups {
			select {
			case queue <- g:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range runtime.NumCPU() {
		work.Go(func() error { return r.worker(ctx, queue) })
	}
	return work.Wait()
}

func (r *run) worker(ctx context.Context, queue <-chan group) error {
	conn, err := r.lake.DB().Conn(ctx)
	if err != nil {
		return fmt.Errorf("open the lake: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, normaliseSQL); err != nil {
		return fmt.Errorf("prepare the engine: %w", err)
	}
	for g := range queue {
		if err := r.loadGroup(ctx, conn, g); err != nil {
			return err
		}
	}
	return nil
}

// loadGroup loads a catalogue's files, oldest first, in batches of bounded size.
func (r *run) loadGroup(ctx context.Context, conn *sql.Conn, g group) error {
	for first := 0; first < len(g.sources); {
		last, size := first, int64(0)
		for last < len(g.sources) && (last == first || size+g.sources[last].textBytes() <= batchBytes(r.lake.Memory())) {
			size += g.sources[last].textBytes()
			last++
		}
		if err := r.loadBatch(ctx, conn, batch{contract: g.contract, sources: g.sources[first:last]}); err != nil {
			return err
		}
		first = last
	}
	return nil
}

// loadBatch prepares and lands some files. Files that the engine reads otherwise than the reader did are rewritten and read once more.
func (r *run) loadBatch(ctx context.Context, conn *sql.Conn, b batch) error {
	temp, err := os.MkdirTemp(r.lake.Temp(), "batch")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(temp)
	prepared, err := r.prepare(ctx, b, temp)
	if err != nil || len(prepared) == 0 {
		return err
	}
	b.sources = prepared
	counted, err := r.land(ctx, conn, b)
	for _, doubt := range []func(*source) (bool, error){(*source).readsClean, func(*source) (bool, error) { return false, nil }} {
		if !errors.Is(err, errMisread) {
			break
		}
		if err := rewriteUnless(b, temp, doubt); err != nil {
			return err
		}
		counted, err = r.land(ctx, conn, b)
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", b.contract.View(), err)
	}
	r.tell(b.contract.Department, b.contract.Name, counted)
	for i, s := range b.sources {
		for _, twin := range s.twins {
			if err := r.repeated(ctx, twin, earlier{s.number, counted[i].received, b.contract.Department, b.contract.Name, s.knownOn}); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepare reads the batch's files through; those that cannot be taken are refused and left out.
func (r *run) prepare(ctx context.Context, b batch, temp string) ([]*source, error) {
	var prepared []*source
	for _, s := range b.sources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.kind = kindOf(s.name, b.contract)
		err := s.prepare(ctx, r.lake.DB(), r.contracts, forKind(b.contract, s.kind), temp)
		s.contract, s.table.contract = b.contract, b.contract
		if err != nil {
			if err := r.refuse(ctx, s, err); err != nil {
				return nil, err
			}
			continue
		}
		prepared = append(prepared, s)
	}
	return prepared, nil
}

// rewriteUnless rewrites the files that the engine was to read as they stand, but for those that are found good.
func rewriteUnless(b batch, temp string, good func(*source) (bool, error)) error {
	for _, s := range b.sources {
		if !s.direct {
			continue
		}
		if fine, err := good(s); err != nil || fine {
			if err != nil {
				return err
			}
			continue
		}
		s.text = textUnknown
		if err := s.rewriteCSV(temp); err != nil {
			return err
		}
	}
	return nil
}

// readsClean looks for the file on which the engine stumbled, record by record.
func (s *source) readsClean() (bool, error) {
	if !s.plain() {
		return false, nil
	}
	return s.scanCSV()
}
