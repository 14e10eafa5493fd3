" SPDX-License-Identifier: Apache-2.0
" Colours for mcl, the language of mgmt.

if exists("b:current_syntax")
  finish
endif

syntax keyword mclConditional if else
syntax keyword mclRepeat for forkv in
syntax keyword mclStatement import include as panic collect
syntax keyword mclStructure func class
syntax keyword mclType bool str int float map struct variant
syntax keyword mclBoolean true false
syntax keyword mclOperatorWord and or not
syntax keyword mclEdge Meta Before Depend Notify Listen
syntax match mclKind "^\s*\zs[a-z][a-z0-9_:]*\ze\s*[\"$\[]"
syntax match mclField "\<[a-z][a-z0-9_]*\ze\s*=>"
syntax match mclFunction "\<[a-z][a-z0-9_.]*\ze("
syntax match mclReference "\<[A-Z][A-Za-z0-9_:]*\ze\["
syntax match mclVariable "\$[a-z][a-z0-9_.]*"
syntax match mclNumber "-\?\<[0-9]\+\(\.[0-9]\+\)\?"
syntax match mclOperator "<|>\|?:\|=>\|->\|==\|!=\|<=\|>="
syntax match mclEscape contained "\\[abfnrtv\\\"$]"
syntax match mclInterpolation contained "\${[a-z][a-z0-9_.]*}"
syntax region mclString start=+"+ end=+\\\@1<!"+ contains=mclEscape,mclInterpolation
syntax match mclComment "#.*$" contains=@Spell

highlight default link mclConditional Conditional
highlight default link mclRepeat Repeat
highlight default link mclStatement Statement
highlight default link mclStructure Structure
highlight default link mclType Type
highlight default link mclBoolean Boolean
highlight default link mclOperatorWord Operator
highlight default link mclEdge Keyword
highlight default link mclKind Type
highlight default link mclField Identifier
highlight default link mclFunction Function
highlight default link mclReference Type
highlight default link mclVariable Identifier
highlight default link mclNumber Number
highlight default link mclOperator Operator
highlight default link mclEscape SpecialChar
highlight default link mclInterpolation Special
highlight default link mclString String
highlight default link mclComment Comment

let b:current_syntax = "mcl"
