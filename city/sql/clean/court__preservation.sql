-- One row per order that preserves a defendant's assets, again when it is lifted.
SELECT firm AS _firm, unnest(versions(ordered, lifted)) AS _known_on, usci, name_on(ordered, renamed_on, old_name, name) AS firm_name,
       '（' || year(ordered) || '）' || court || '财保' || (1000 + lawsuit) || '号' AS order_no, ordered AS ordered_on,
       one_of(['诉前保全', '诉讼保全', '诉讼保全', '诉讼保全'], firm, lawsuit, 'preservation.kind') AS kind,
       one_of(['银行存款', '银行存款', '银行存款', '银行存款', '银行存款', '银行存款', '不动产', '不动产', '股权', '车辆', '车辆', '应收账款'], firm, lawsuit, 'preservation.asset') AS asset,
       yuan(amount_fen) AS amount_yuan, CASE WHEN loan > 0 THEN '金融机构' ELSE '合同相对方' END AS applicant, told(lifted, _known_on) AS lifted_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, (judged_on - 30 - pick(50, w.firm, lawsuit, 'preservation.day')::INTEGER)::DATE AS ordered,
           CASE WHEN u(w.firm, lawsuit, 'preservation.lifted') < 0.6 THEN (judged_on + 20 + pick(200, w.firm, lawsuit, 'preservation.until')::INTEGER)::DATE END AS lifted
    FROM lawsuit l JOIN who w ON w.firm = l.firm WHERE l.role = '被告' AND u(w.firm, lawsuit, 'preservation') < CASE WHEN loan > 0 THEN 0.6 ELSE 0.25 END
)
