package border_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

const (
	ulid = "01JAB3C4D5E6F7G8H9JKMNPQRS"
	usci = "91330100799655058B" // public: Alibaba (China) Network Technology
	city = "341500"
	node = "node-341500"
)

var signedAt = time.Date(2026, 10, 15, 9, 30, 0, 123456000, time.UTC)

func at(t time.Time) *timestamppb.Timestamp { return timestamppb.New(t) }

func today() *timestamppb.Timestamp { return at(time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC)) }

// messages are one good message of each kind.
func messages() []proto.Message {
	return []proto.Message{
		&borderv1.Grant{Id: ulid, City: city, SubjectUsci: usci, GranteeId: ulid, Purpose: 2, DataClasses: border.CreditClasses(), NotBefore: at(signedAt),
			NotAfter: at(signedAt.AddDate(1, 0, 0)), MaxUses: 3, TextVersion: "pre-loan-1", EvidenceDigest: make([]byte, 32)},
		&borderv1.Revocation{GrantId: ulid, City: city, RevokedAt: at(signedAt)},
		&borderv1.IdentityRequest{Id: ulid, City: city, SubjectUsci: usci, FirmName: "六安市皋城农业科技有限公司", PersonName: "王小明",
			ResidentId: "11010519491231002X", RequestedAt: at(signedAt)},
		&borderv1.CreditRequest{Id: ulid, City: city, Purpose: 2, SubjectUsci: usci, RequesterId: ulid, RequestedAt: at(signedAt)},
		&borderv1.WatchRequest{Id: ulid, City: city, SubjectUsci: usci, RequesterId: ulid, RequestedAt: at(signedAt)},
		&borderv1.IdentityResult{RequestId: ulid, GrantId: ulid, FirmRegistered: 1, FirmNameMatches: 2, PersonExists: 3, PersonRepresentsFirm: 1},
		result(),
		&borderv1.Refusal{RequestId: ulid, GrantId: ulid, Code: 6},
		&borderv1.Alert{Id: ulid, WatchId: ulid, GrantId: ulid, SubjectUsci: usci, Code: 1, Severity: 3, ObservedAt: today()},
		&borderv1.CityDigest{Id: ulid, City: city, AsOf: today(), Firms: 30, SuppressedFirms: 18, DataVersion: "20261015.7", ModelId: "card-341500",
			Cells:       []*borderv1.DigestCell{{Division: "341502", IndustrySection: "C", Grade: 2, Firms: 12}},
			Departments: []*borderv1.DepartmentReadiness{{Department: "tax", Catalogues: 6, Received: 10, Landed: 7, Quarantined: 2, Duplicates: 1, LinkedPerMille: 987, LatestDelivery: today()}}},
	}
}

func result() *borderv1.CreditResult {
	return &borderv1.CreditResult{RequestId: ulid, GrantId: ulid, SubjectUsci: usci, ModelId: "card-341500", ModelVersion: "20261015.1",
		DataVersion: "20261015.7", AsOf: today(), Score: 688, Grade: 2, PdBand: 3, LimitBand: 5,
		Dimensions: []*borderv1.DimensionScore{{Dimension: 1, Value: 80, Drivers: []*borderv1.Driver{{Reason: 7, Direction: 1}}}, {Dimension: 6, Value: 0}},
		Reasons:    []*borderv1.Driver{{Reason: 9, Direction: 1}, {Reason: 18, Direction: 2}},
		Figures:    []*borderv1.Figure{{Kind: 1, EdgeIndex: 5}, {Kind: 6, EdgeIndex: 7}},
		Trend:      []*borderv1.TrendPoint{{AsOf: at(time.Date(2026, 7, 15, 0, 0, 0, 0, time.UTC)), Score: 670}, {AsOf: today(), Score: 688}},
		Flags:      []borderv1.AlertCode{2, 7}}
}

func ring(t testing.TB) (platform, city *border.Signer, v *border.Verifier) {
	t.Helper()
	v = border.NewVerifier()
	make := func(party string) *border.Signer {
		public, secret, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		v.Believe(party, public)
		return border.NewSigner(party, secret)
	}
	return make(border.Platform), make(node), v
}

func sign(t testing.TB, platform, city *border.Signer, m proto.Message) (e *borderv1.Envelope, recipient string) {
	t.Helper()
	by, recipient := platform, node
	if kind, _ := border.KindOf(m); border.FromNode(kind) {
		by, recipient = city, border.Platform
	}
	e, err := border.Sign(by, m, recipient, ulid, signedAt)
	if err != nil {
		t.Fatalf("%T: %v", m, err)
	}
	return e, recipient
}

func TestEveryMessageCrosses(t *testing.T) {
	platform, city, v := ring(t)
	kinds := map[borderv1.PayloadKind]bool{}
	for _, m := range messages() {
		e, recipient := sign(t, platform, city, m)
		got, err := border.Open(e, v, recipient)
		if err != nil || !proto.Equal(got, m) {
			t.Errorf("%T: %v, %v", m, got, err)
		}
		kinds[e.Kind] = true
	}
	for number := range borderv1.PayloadKind_name {
		if number != 0 && !kinds[borderv1.PayloadKind(number)] {
			t.Errorf("kind %v has no message in this test", borderv1.PayloadKind(number))
		}
	}
}

// TestOpenRefuses breaks an envelope in one place at a time.
func TestOpenRefuses(t *testing.T) {
	platform, city, v := ring(t)
	stranger, _, _ := ring(t)
	const badSignature, isMalformed, wrongCity = borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY
	resigned := func(change func(e *borderv1.Envelope)) func(e *borderv1.Envelope) {
		return func(e *borderv1.Envelope) {
			change(e)
			e.Signature = border.SignForTest(platform, border.SignedBytes(e))
		}
	}
	for _, c := range []struct {
		name   string
		code   borderv1.RefusalCode
		change func(e *borderv1.Envelope)
	}{
		{"signature", badSignature, func(e *borderv1.Envelope) { e.Signature[0] ^= 1 }},
		{"no signature", badSignature, func(e *borderv1.Envelope) { e.Signature = nil }},
		{"payload", badSignature, func(e *borderv1.Envelope) { e.Payload[3] ^= 1 }},
		{"id", badSignature, func(e *borderv1.Envelope) { e.Id = "01JAB3C4D5E6F7G8H9JKMNPQRT" }},
		{"time", badSignature, func(e *borderv1.Envelope) { e.SignedAt.Seconds++ }},
		{"kind", badSignature, func(e *borderv1.Envelope) { e.Kind = borderv1.PayloadKind_PAYLOAD_KIND_WATCH_REQUEST }},
		{"algorithm downgraded", badSignature, func(e *borderv1.Envelope) { e.Algorithm = 0 }},
		{"algorithm that does not exist", badSignature, func(e *borderv1.Envelope) { e.Algorithm = 9 }},
		{"key of the other party", badSignature, func(e *borderv1.Envelope) { e.KeyId = signOf(t, city) }},
		{"key that nobody knows", badSignature, func(e *borderv1.Envelope) {
			other, err := border.Sign(stranger, messages()[3], node, ulid, signedAt)
			if err != nil {
				t.Fatal(err)
			}
			proto.Reset(e)
			proto.Merge(e, other)
		}},
		{"algorithm downgraded and signed again", badSignature, resigned(func(e *borderv1.Envelope) { e.Algorithm = 0 })},
		{"signed by the node in the platform's name", badSignature, func(e *borderv1.Envelope) {
			e.KeyId = signOf(t, city)
			e.Signature = border.SignForTest(city, border.SignedBytes(e))
		}},
		{"no time", isMalformed, func(e *borderv1.Envelope) { e.SignedAt = nil }},
		{"time before 2000", isMalformed, resigned(func(e *borderv1.Envelope) { e.SignedAt = at(time.Unix(0, 0)) })},
		{"a time of nanoseconds", isMalformed, resigned(func(e *borderv1.Envelope) { e.SignedAt.Nanos++ })},
		{"id that is none", isMalformed, resigned(func(e *borderv1.Envelope) { e.Id = "zhangsan" })},
		{"id unlike the message's", isMalformed, resigned(func(e *borderv1.Envelope) { e.Id = "01JAB3C4D5E6F7G8H9JKMNPQRT" })},
		{"unknown kind", isMalformed, resigned(func(e *borderv1.Envelope) { e.Kind = 99 })},
		{"wrong direction", isMalformed, resigned(func(e *borderv1.Envelope) { e.Kind = borderv1.PayloadKind_PAYLOAD_KIND_REFUSAL })},
		{"sender that is no party", isMalformed, resigned(func(e *borderv1.Envelope) { e.Sender = "root" })},
		{"another recipient", wrongCity, resigned(func(e *borderv1.Envelope) { e.Recipient = "node-340100" })},
		{"payload of another kind", isMalformed, resigned(func(e *borderv1.Envelope) { e.Kind = borderv1.PayloadKind_PAYLOAD_KIND_GRANT })},
		{"payload cut off", isMalformed, resigned(func(e *borderv1.Envelope) { e.Payload = e.Payload[:len(e.Payload)-3] })},
		{"no payload", isMalformed, resigned(func(e *borderv1.Envelope) { e.Payload = nil })},
		{"huge payload", isMalformed, resigned(func(e *borderv1.Envelope) { e.Payload = make([]byte, border.MaxPayload+1) })},
		{"huge proof", isMalformed, func(e *borderv1.Envelope) { e.LogProof = &borderv1.LogProof{Checkpoint: make([]byte, 1<<20)} }},
		{"unknown field in the envelope", isMalformed, func(e *borderv1.Envelope) { e.ProtoReflect().SetUnknown([]byte{0xa2, 0x06, 1, 'x'}) }},
		{"unknown field in the proof", isMalformed, func(e *borderv1.Envelope) {
			e.LogProof = &borderv1.LogProof{}
			e.LogProof.ProtoReflect().SetUnknown([]byte{0xa2, 0x06, 1, 'x'})
		}},
		{"unknown field in the payload", isMalformed, resigned(func(e *borderv1.Envelope) { e.Payload = append(e.Payload, 0xa2, 0x06, 1, 'x') })},
		{"a field twice in the payload", isMalformed, resigned(func(e *borderv1.Envelope) { e.Payload = append(slices.Clone(e.Payload[:28]), e.Payload...) })},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, _ := sign(t, platform, city, messages()[3])
			c.change(e)
			m, err := border.Open(e, v, node)
			if border.CodeOf(err) != c.code || m != nil {
				t.Errorf("got %v, %v; want %v", m, err, c.code)
			}
		})
	}
	if _, err := border.Open(nil, v, node); border.CodeOf(err) != isMalformed {
		t.Errorf("nothing: %v", err)
	}
}

func signOf(t *testing.T, s *border.Signer) string {
	t.Helper()
	e, err := border.Sign(s, result(), border.Platform, ulid, signedAt)
	if err != nil {
		t.Fatal(err)
	}
	return e.KeyId
}

// TestEveryFieldIsChecked goes through all fields of all messages by reflection, so that a field that is added later and not checked is
// found here: texts take no free text, enumerations no unknown value, numbers and times have bounds, bytes a length.
func TestEveryFieldIsChecked(t *testing.T) {
	for _, m := range messages() {
		if err := border.Validate(m); err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		kind, _ := border.KindOf(m)
		eachField(m.ProtoReflect(), func(holder protoreflect.Message, f protoreflect.FieldDescriptor) {
			name := string(f.FullName())
			for _, bad := range badValues(f, border.FromNode(kind)) {
				changed := proto.Clone(m)
				set(changed.ProtoReflect(), m.ProtoReflect(), holder, f, bad)
				if err := border.Validate(changed); border.CodeOf(err) != borderv1.RefusalCode_REFUSAL_CODE_MALFORMED {
					t.Errorf("%s = %v is accepted (%v)", name, bad, err)
				}
			}
			if border.FromNode(kind) && f.Kind() == protoreflect.BytesKind {
				t.Errorf("%s: bytes that leave could hold anything", name)
			}
		})
	}
}

// eachField visits every field that is set, in a message and in those inside it; timestamps and envelopes are left to their own tests.
func eachField(m protoreflect.Message, visit func(holder protoreflect.Message, f protoreflect.FieldDescriptor)) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if f.Message() != nil && f.Message().FullName() == "yidaitong.border.v1.Envelope" {
			continue
		}
		visit(m, f)
		if f.Message() == nil || f.Message().FullName() == "google.protobuf.Timestamp" {
			continue
		}
		for j := range m.Get(f).List().Len() {
			eachField(m.Get(f).List().Get(j).Message(), visit)
		}
	}
}

// unbounded are the counts of which any value is one.
var unbounded = []string{
	"yidaitong.border.v1.DepartmentReadiness.received", "yidaitong.border.v1.DepartmentReadiness.landed",
	"yidaitong.border.v1.DepartmentReadiness.quarantined", "yidaitong.border.v1.DepartmentReadiness.duplicates",
}

func badValues(f protoreflect.FieldDescriptor, leaves bool) []protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		bad := []protoreflect.Value{protoreflect.ValueOfString(strings.Repeat("王", 200)), protoreflect.ValueOfString("a\x00b")}
		if leaves {
			bad = append(bad, protoreflect.ValueOfString("王小明 13800138000"), protoreflect.ValueOfString("1234567.89"), protoreflect.ValueOfString("A "))
		}
		return bad
	case protoreflect.EnumKind:
		if f.IsList() {
			return nil // TestListsAreSets
		}
		return []protoreflect.Value{protoreflect.ValueOfEnum(0), protoreflect.ValueOfEnum(-1), protoreflect.ValueOfEnum(9999)}
	case protoreflect.Uint32Kind:
		return []protoreflect.Value{protoreflect.ValueOfUint32(math.MaxUint32)}
	case protoreflect.Uint64Kind:
		if slices.Contains(unbounded, string(f.FullName())) {
			return nil
		}
		return []protoreflect.Value{protoreflect.ValueOfUint64(math.MaxUint64)}
	case protoreflect.BytesKind:
		return []protoreflect.Value{protoreflect.ValueOfBytes(nil), protoreflect.ValueOfBytes(make([]byte, 33))}
	case protoreflect.MessageKind:
		if f.Message().FullName() != "google.protobuf.Timestamp" {
			return nil
		}
		bad := []protoreflect.Value{
			protoreflect.ValueOfMessage((&timestamppb.Timestamp{Seconds: math.MaxInt64}).ProtoReflect()),
			protoreflect.ValueOfMessage((&timestamppb.Timestamp{Seconds: 5, Nanos: -1}).ProtoReflect()),
			protoreflect.ValueOfMessage(at(signedAt.Add(time.Nanosecond)).ProtoReflect()),
		}
		if leaves { // nothing leaves that is dated more exactly than to the day
			bad = append(bad, protoreflect.ValueOfMessage(at(signedAt).ProtoReflect()))
		}
		return bad
	}
	return nil
}

// set changes, in a copy of a message, the field of the part that corresponds to holder in the original.
func set(changed, original, holder protoreflect.Message, f protoreflect.FieldDescriptor, v protoreflect.Value) {
	if original == holder {
		changed.Set(f, v)
		return
	}
	original.Range(func(g protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if g.IsList() && g.Message() != nil {
			for i := range value.List().Len() {
				set(changed.Get(g).List().Get(i).Message(), value.List().Get(i).Message(), holder, f, v)
			}
		}
		return true
	})
}

func TestListsAreSets(t *testing.T) {
	for name, change := range map[string]func(r *borderv1.CreditResult){
		"a dimension twice":          func(r *borderv1.CreditResult) { r.Dimensions = append(r.Dimensions, r.Dimensions[1]) },
		"dimensions out of order":    func(r *borderv1.CreditResult) { slices.Reverse(r.Dimensions) },
		"a figure twice":             func(r *borderv1.CreditResult) { r.Figures = append(r.Figures, r.Figures[1]) },
		"figures out of order":       func(r *borderv1.CreditResult) { slices.Reverse(r.Figures) },
		"a band that does not exist": func(r *borderv1.CreditResult) { r.Figures[0].EdgeIndex = 12 },
		"a reason twice":             func(r *borderv1.CreditResult) { r.Reasons[1].Reason = r.Reasons[0].Reason },
		"too many reasons": func(r *borderv1.CreditResult) {
			for n := range borderv1.Reason(5) {
				r.Reasons = append(r.Reasons, &borderv1.Driver{Reason: 30 + n, Direction: 1})
			}
		},
		"flags out of order":   func(r *borderv1.CreditResult) { r.Flags = []borderv1.AlertCode{7, 2} },
		"a flag twice":         func(r *borderv1.CreditResult) { r.Flags = []borderv1.AlertCode{2, 2} },
		"an unknown flag":      func(r *borderv1.CreditResult) { r.Flags = []borderv1.AlertCode{200} },
		"a trend out of order": func(r *borderv1.CreditResult) { slices.Reverse(r.Trend) },
		"a score of 299":       func(r *borderv1.CreditResult) { r.Score = 299 },
		"a score of 851":       func(r *borderv1.CreditResult) { r.Score = 851 },
		"a missing driver":     func(r *borderv1.CreditResult) { r.Reasons[0] = nil },
	} {
		r := result()
		change(r)
		if err := border.Validate(r); border.CodeOf(err) != borderv1.RefusalCode_REFUSAL_CODE_MALFORMED {
			t.Errorf("%s: %v", name, err)
		}
	}
	g := messages()[0].(*borderv1.Grant)
	for name, classes := range map[string][]borderv1.DataClass{"none": {}, "twice": {2, 2}, "out of order": {3, 2}, "unknown": {99}} {
		g.DataClasses = classes
		if border.Validate(g) == nil {
			t.Errorf("data classes %s: accepted", name)
		}
	}
}

func TestDigestsHideFewFirms(t *testing.T) {
	digest := func(change func(d *borderv1.CityDigest)) error {
		d := messages()[9].(*borderv1.CityDigest)
		change(d)
		return border.Validate(d)
	}
	for name, change := range map[string]func(d *borderv1.CityDigest){
		"nine suppressed": func(d *borderv1.CityDigest) { d.Firms, d.SuppressedFirms = 21, 9 },
		"nine firms":      func(d *borderv1.CityDigest) { d.Cells[0].Firms, d.SuppressedFirms = 9, 21 },
		"sum":             func(d *borderv1.CityDigest) { d.Firms++ },
		"a cell twice":    func(d *borderv1.CityDigest) { d.Cells = append(d.Cells, d.Cells[0]); d.Firms += 12 },
		"records lost":    func(d *borderv1.CityDigest) { d.Departments[0].Received++ },
		"1001 per 1000":   func(d *borderv1.CityDigest) { d.Departments[0].LinkedPerMille = 1001 },
	} {
		if digest(change) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestNoFreeText: whatever text is put into whatever field of a report, only codes of the agreed shapes are let out.
func TestNoFreeText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := result()
		var texts []protoreflect.FieldDescriptor
		for i := range r.ProtoReflect().Descriptor().Fields().Len() {
			if f := r.ProtoReflect().Descriptor().Fields().Get(i); f.Kind() == protoreflect.StringKind {
				texts = append(texts, f)
			}
		}
		f := rapid.SampledFrom(texts).Draw(t, "field")
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Za-z.-]{1,40}`), rapid.StringMatching(`(card|boosted)-[0-9a-z]{6}`),
			rapid.StringMatching(`[0-9]{8}\.[0-9a-f]{1,6}`)).Draw(t, "text")
		r.ProtoReflect().Set(f, protoreflect.ValueOfString(text))
		if border.Validate(r) != nil {
			return
		}
		ok := border.ValidID(text) || border.ValidUSCI(text) ||
			strings.Trim(strings.TrimPrefix(strings.TrimPrefix(text, "card-"), "boosted-"), "0123456789.") == ""
		if !ok {
			t.Fatalf("%s took %q", f.Name(), text)
		}
	})
}

func TestIdentifiers(t *testing.T) {
	// Public codes.
	for _, s := range []string{"9144030071526726XG", "91330100799655058B", "914403001922038216", "91110000802100433B", "91110108551385082Q"} {
		if !border.ValidUSCI(s) {
			t.Errorf("%s is refused", s)
		}
		for i := range s {
			for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ" {
				if other := s[:i] + string(c) + s[i+1:]; other != s && border.ValidUSCI(other) {
					t.Errorf("%s is accepted, %s with one character changed", other, s)
				}
			}
		}
	}
	for _, s := range []string{"", "91330100799655058b", "91330100799655058B ", "9133010079965505O"} {
		if border.ValidUSCI(s) {
			t.Errorf("%q is accepted", s)
		}
	}
	if !border.ValidResidentID("11010519491231002X") || border.ValidResidentID("110105194912310021") || border.ValidResidentID("11010519491331002X") {
		t.Error("the resident number of GB 11643's example")
	}
	id, err := border.NewID(signedAt, bytes.NewReader(make([]byte, 10)))
	if err != nil || !border.ValidID(id) || border.ValidID(strings.ToLower(id)) || border.ValidID("8"+id[1:]) {
		t.Errorf("%q, %v", id, err)
	}
}

func TestNewIDsAreInOrderOfTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(0, 1<<47).Draw(t, "a")
		b := rapid.Int64Range(a+1, 1<<47+1).Draw(t, "b")
		first, err1 := border.NewID(time.UnixMilli(a), rand.Reader)
		second, err2 := border.NewID(time.UnixMilli(b), rand.Reader)
		if err1 != nil || err2 != nil || first >= second || !border.ValidID(first) {
			t.Fatalf("%d %s, %d %s, %v %v", a, first, b, second, err1, err2)
		}
	})
}

func TestBands(t *testing.T) {
	for number := range borderv1.FigureKind_name {
		kind := borderv1.FigureKind(number)
		edges := border.Bands(kind)
		if number == 0 {
			continue
		}
		if len(edges) < 5 || !slices.IsSorted(edges) || len(border.ClassesOfFigure(kind)) == 0 {
			t.Errorf("%v: edges %v, classes %v", kind, edges, border.ClassesOfFigure(kind))
		}
		for i, edge := range edges {
			if got := border.EdgeIndex(kind, float64(edge)); got != uint32(i) {
				t.Errorf("%v of %d lies in band %d, want %d: an edge belongs to the band below it", kind, edge, got, i)
			}
			if got := border.EdgeIndex(kind, float64(edge)+0.01); got != uint32(i+1) {
				t.Errorf("%v just above %d lies in band %d, want %d", kind, edge, got, i+1)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := borderv1.FigureKind(rapid.Int32Range(1, 6).Draw(t, "kind"))
		value := rapid.Float64Range(-1e12, 1e12).Draw(t, "value")
		low, high := border.BandOf(&borderv1.Figure{Kind: kind, EdgeIndex: border.EdgeIndex(kind, value)})
		if low != nil && value <= float64(*low) || high != nil && value > float64(*high) {
			t.Fatalf("%v of %v is not in its band", kind, value)
		}
		pd := rapid.Float64Range(0, 1).Draw(t, "pd")
		if from, to := border.PDRange(border.PDBand(pd)); pd < from || pd >= to && pd != 1 {
			t.Fatalf("a probability of %v is not in its band [%v, %v)", pd, from, to)
		}
		fen := rapid.Int64Range(0, 500_000_000).Draw(t, "fen")
		if from, to := border.LimitRange(border.LimitBand(fen)); fen > 0 && (fen <= from || fen > to) || fen == 0 && to != 0 {
			t.Fatalf("a limit of %d fen is not in its band (%d, %d]", fen, from, to)
		}
	})
	for fen, want := range map[int64]borderv1.LimitBand{-1: 1, 0: 1, 1: 2, 10_000_000: 2, 10_000_001: 3, 500_000_000: 8, math.MaxInt64: 8} {
		if got := border.LimitBand(fen); got != want {
			t.Errorf("%d fen: %v, want %v", fen, got, want)
		}
	}
	for pd, want := range map[float64]borderv1.PdBand{0: 1, 0.0099: 1, 0.01: 2, 0.16: 6, 1: 6} {
		if got := border.PDBand(pd); got != want {
			t.Errorf("%v: %v, want %v", pd, got, want)
		}
	}
}

// TestEverythingHasAScope: an indicator, figure or alert without data classes could leave under any grant, or never.
func TestEverythingHasAScope(t *testing.T) {
	for number, name := range borderv1.Reason_name {
		if number == 0 {
			continue
		}
		r := borderv1.Reason(number)
		if classes := border.ClassesOfReason(r); len(classes) == 0 || !border.Covers(border.CreditClasses(), classes) {
			t.Errorf("%s has the classes %v", name, classes)
		}
		if !border.Covers(border.ClassesOfDimension(border.DimensionOf(r)), border.ClassesOfReason(r)) || border.DimensionOf(r) == 0 {
			t.Errorf("%s: its dimension needs less than it does", name)
		}
	}
	for number, name := range borderv1.AlertCode_name {
		if code := borderv1.AlertCode(number); code != 0 && code != borderv1.AlertCode_ALERT_CODE_GRADE_DROP && len(border.ClassesOfAlert(code)) == 0 {
			t.Errorf("%s has no classes", name)
		}
	}
	if border.Covers(border.CreditClasses(), []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY}) {
		t.Error("a credit report covers persons")
	}
}

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(border.CreateKeys(dir, time.Now(), city))
	p, err := border.LoadKeys(dir, border.Platform)
	must(err)
	must(border.CreateKeys(dir, time.Now(), city, "340100")) // a city more
	again, err := border.LoadKeys(dir, border.Platform)
	must(err)
	n, err := border.LoadKeys(dir, node)
	must(err)
	e, err := border.Sign(p.Signer, messages()[3], node, "", signedAt)
	must(err)
	if _, err := border.Open(e, n.Verifier, node); err != nil {
		t.Errorf("the first keys do not hold any more: %v", err)
	}
	if again.Log.KeyHash() != p.Log.KeyHash() || n.LogVerifier(border.Platform).KeyHash() != p.Log.KeyHash() {
		t.Error("the log's key is another")
	}
	if p.LogVerifier(node) == nil || p.LogVerifier("node-340100") != nil || again.LogVerifier("node-340100") == nil {
		t.Error("the logs that are known")
	}
	must(filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if want := os.FileMode(0o600); err == nil && !entry.IsDir() && info.Mode().Perm() != want {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		} else if err == nil && entry.IsDir() && path != dir && info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return err
	}))
	for _, c := range []struct {
		change func()
		party  string
		want   string
	}{
		{func() {}, "node-110000", "has no keys"},
		{func() { must(os.Chmod(filepath.Join(dir, node, "sign.key"), 0o640)) }, node, "chmod 600"},
		{func() {
			must(os.Chmod(filepath.Join(dir, node, "sign.key"), 0o600))
			must(os.Chmod(filepath.Join(dir, node), 0o755))
		}, node, "chmod 700"},
		{func() { must(os.WriteFile(filepath.Join(dir, border.Platform, "sign.key"), []byte("x"), 0o600)) }, border.Platform, "is no PEM file"},
	} {
		c.change()
		if _, err := border.LoadKeys(dir, c.party); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if err := border.CreateKeys(t.TempDir(), time.Now(), "Lu'an"); err == nil {
		t.Error("a city that is no code")
	}
}

func TestSignSendsNothingThatWouldBeRefused(t *testing.T) {
	platform, cityNode, _ := ring(t)
	bad := result()
	bad.ModelId = "free text"
	for name, err := range map[string]error{
		"a bad field":     second(border.Sign(cityNode, bad, border.Platform, ulid, signedAt)),
		"a bad id":        second(border.Sign(cityNode, result(), border.Platform, "x", signedAt)),
		"wrong direction": second(border.Sign(platform, result(), node, ulid, signedAt)),
		"another message": second(border.Sign(platform, &borderv1.PullRequest{}, node, ulid, signedAt)),
		"a bad recipient": second(border.Sign(cityNode, result(), "bank", ulid, signedAt)),
	} {
		if border.CodeOf(err) != borderv1.RefusalCode_REFUSAL_CODE_MALFORMED {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ *borderv1.Envelope, err error) error { return err }

// FuzzOpen: whatever comes over the wire, opening it ends with a message that keeps the rules or a typed refusal.
func FuzzOpen(f *testing.F) {
	platform, city, v := ring(f)
	for _, m := range messages() {
		e, _ := sign(f, platform, city, m)
		wire, err := proto.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		e := &borderv1.Envelope{}
		if proto.Unmarshal(wire, e) != nil {
			return
		}
		for _, recipient := range []string{border.Platform, node} {
			m, err := border.Open(e, v, recipient)
			if (err == nil) == (border.CodeOf(err) != 0) || err == nil && border.Validate(m) != nil {
				t.Errorf("%v, %v", m, err)
			}
		}
	})
}

// FuzzValidate: decoding and checking any bytes as any message never panics, and what is accepted has one encoding.
func FuzzValidate(f *testing.F) {
	for _, m := range messages() {
		kind, _ := border.KindOf(m)
		wire, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(int32(kind), wire)
	}
	f.Fuzz(func(t *testing.T, kind int32, wire []byte) {
		m, err := border.Decode(&borderv1.Envelope{Id: ulid, Kind: borderv1.PayloadKind(kind), Payload: wire})
		if err != nil {
			if border.CodeOf(err) == 0 {
				t.Errorf("%v is no refusal", err)
			}
			return
		}
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil || !bytes.Equal(again, wire) {
			t.Errorf("accepted %x, which is not canonical", wire)
		}
	})
}

func BenchmarkSignAndOpen(b *testing.B) {
	_, city, v := ring(b)
	m := result()
	for b.Loop() {
		e, err := border.Sign(city, m, border.Platform, ulid, signedAt)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := border.Open(e, v, border.Platform); err != nil {
			b.Fatal(err)
		}
	}
}
