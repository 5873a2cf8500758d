-- One row per auction of a debtor's things, from enforcements that were not satisfied.
SELECT firm AS _firm, known(auctioned) AS _known_on, usci, name_on(auctioned, renamed_on, old_name, name) AS firm_name,
       'PM' || strftime(auctioned, '%Y%m') || lpad(lawsuit::VARCHAR, 8, '0') AS auction_no,
       one_of(['工业厂房', '工业厂房', '工业厂房', '工业厂房', '商业用房', '商业用房', '商业用房', '土地使用权', '土地使用权', '机器设备', '机器设备', '机器设备', '机器设备', '车辆', '车辆', '车辆', '车辆', '股权'], firm, lawsuit, 'judicial_auction.lot') AS lot,
       wan(round(amount_fen * (0.4 + 1.2 * u(firm, lawsuit, 'judicial_auction.value')))::BIGINT) AS valuation_wan,
       (1 + pick(3, firm, lawsuit, 'judicial_auction.round_no')) AS round_no, outcome,
       CASE WHEN outcome = '成交' THEN wan(round(amount_fen * (0.4 + 1.2 * u(firm, lawsuit, 'judicial_auction.value')) * (0.6 + 0.3 * u(firm, lawsuit, 'judicial_auction.hammer')))::BIGINT) END AS hammer_wan,
       auctioned AS auctioned_on
FROM (
    SELECT e.* EXCLUDE (firm), w.*, (filed_on + 120 + pick(240, w.firm, lawsuit, 'judicial_auction.day')::INTEGER)::DATE AS auctioned, one_of(['成交', '成交', '流拍', '流拍', '撤回'], w.firm, lawsuit, 'judicial_auction.outcome') AS outcome
    FROM execution e JOIN who w ON w.firm = e.firm WHERE u(w.firm, lawsuit, 'judicial_auction') < 0.18 AND (e.closed_on IS NULL OR e.closed_on > filed_on + 120)
)
WHERE auctioned <= last_day_lived()
