-- What speaks for and against each candidate, in bits, and its share: the chance that the record means this firm, against its other candidates and
-- against none of them. From a table of compared pairs and the weights' functions. One row per pair.
--
-- Pairs that fewer bits than {{least}} speak for are left out: they have no share worth counting.
-- A pair is linkable where more than chance speaks for it, whatever its bits: a code; or a name that says nothing else than the firm's, which for an
-- individual business is never enough by itself, because such names repeat.
SELECT *, bits_given AS bits,
       power(2, weight) / (1 + sum(power(2, weight)) OVER (PARTITION BY probe_id)) AS share
FROM (
    SELECT *, greatest(least(CASE WHEN linkable THEN bits_given ELSE least(bits_given, 3) END, 60), -60) AS weight
    FROM (
        SELECT *, round(prior_bits() + on_code + on_reg + on_firm_code + on_operator + on_person + on_address + on_name, 2) AS bits_given,
               code IN (1, 2, 3) OR reg IN (1, 3) OR firm_code = 1 OR operator = 1 AND name <= 7
                   OR name BETWEEN 1 AND 7 AND (kind <> 'individual' OR person IN (1, 2) OR address IN (1, 2) OR code = 4) AS linkable
        FROM (
            SELECT *, code_bits(code) AS on_code, reg_bits(reg) AS on_reg, firm_code_bits(firm_code) AS on_firm_code, operator_bits(operator) AS on_operator,
                   person_bits(person, shared_person) AS on_person, address_bits(address, shared_address) AS on_address,
                   name_bits(name, shared_name, kind, divided) AS on_name
            FROM {{pairs}}
        )
    )
    WHERE bits_given > {{least}}
)
